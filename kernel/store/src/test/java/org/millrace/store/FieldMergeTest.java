package org.millrace.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/** What two nodes make of one record that they wrote without knowing of each other. */
class FieldMergeTest {
    private static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(1 << 20, 64));
    private static final long A = 0xA;
    private static final long B = 0xB;

    private final FieldMerge rule = new FieldMerge(FORMATS);

    @Test
    void patchesOfDifferentFieldsBothPrevail() {
        RecordState base = put(1, A, "{\"x\":1,\"y\":1}");
        both(merge(base, 2, A, "{\"x\":2}"), merge(base, 3, B, "{\"y\":3}"), "{\"x\":2,\"y\":3}");
    }

    @Test
    void ofTwoPatchesOfOneFieldTheLaterPrevailsAlsoIfItChangesNothing() {
        RecordState base = put(1, A, "{\"x\":1}");
        both(merge(base, 2, A, "{\"x\":2}"), merge(base, 3, B, "{\"x\":1}"), "{\"x\":1}");
    }

    @Test
    void fieldsOfANewObjectAreTakenTogether() {
        RecordState base = put(1, A, "{}");
        both(
                merge(base, 2, A, "{\"o\":{\"x\":1}}"),
                merge(base, 3, B, "{\"o\":{\"y\":2}}"),
                "{\"o\":{\"x\":1,\"y\":2}}");
    }

    @Test
    void aLaterFieldOutlivesAnEarlierPutAndRemoval() {
        RecordState base = put(1, A, "{\"x\":1,\"y\":1}");
        RecordState patched = merge(base, 5, B, "{\"y\":5}");
        both(put(4, A, "{\"z\":4}"), patched, "{\"y\":5,\"z\":4}");
        both(removed(4, A), patched, "{\"y\":5}");
        both(put(6, A, "{\"z\":6}"), patched, "{\"z\":6}");
        both(removed(6, A), patched, null);
    }

    @Test
    void anObjectThatReplacesOneTakesLaterFieldsOfIt() {
        RecordState base = put(1, A, "{\"o\":{\"x\":1}}");
        both(json(base, 2, A, "replace", "/o", "5"), merge(base, 3, B, "{\"o\":{\"y\":2}}"), "{\"o\":{\"y\":2}}");
        both(json(base, 4, A, "replace", "/o", "5"), merge(base, 3, B, "{\"o\":{\"y\":2}}"), "{\"o\":5}");
    }

    @Test
    void removedFieldsStayRemoved() {
        RecordState base = put(1, A, "{\"x\":1,\"y\":1}");
        both(merge(base, 2, A, "{\"x\":null}"), merge(base, 3, B, "{\"y\":2}"), "{\"y\":2}");
    }

    @Test
    void incrementsAddUp() {
        RecordState base = put(1, A, "{\"n\":10}");
        RecordState a = increment(increment(base, 2, A, 5), 4, A, 1);
        RecordState b = increment(base, 3, B, -2);
        both(a, b, "{\"n\":14}");
        // What has come once already is not counted again.
        RecordState all = rule.resolve(b, a);
        assertThat(text(rule.resolve(increment(a, 6, A, 1), all))).isEqualTo("{\"n\":15}");
    }

    @Test
    void aCounterThatWasSetForgetsWhatWasAddedToTheFormerValue() {
        RecordState base = put(1, A, "{\"n\":10}");
        both(merge(base, 2, A, "{\"n\":0}"), increment(base, 3, B, 5), "{\"n\":0}");
    }

    @Test
    void countersOfARecordThatWasNotThereAddUp() {
        both(increment(null, 2, A, 5), increment(null, 3, B, 6), "{\"n\":11}");
    }

    @Test
    void theSameIsKnownByTheSameVersionAndAnotherThanEitherPart() {
        RecordState base = put(1, A, "{}");
        RecordState a = merge(base, 2, A, "{\"x\":2}");
        RecordState b = merge(base, 3, B, "{\"y\":3}");
        RecordState ab = rule.resolve(a, b);
        assertThat(ab.version()).isEqualTo(rule.resolve(b, a).version()).isNotIn(a.version(), b.version());
        assertThat(rule.resolve(a, ab)).isSameAs(ab);
        // A patch made in knowledge of both is taken as it is.
        RecordState next = merge(ab, 5, A, "{\"x\":5}");
        assertThat(rule.resolve(next, ab)).isSameAs(next);
    }

    @Test
    void theVersionsOfFieldsOutliveStorage() {
        RecordState state = increment(merge(put(1, A, "{\"n\":1}"), 2, A, "{\"a~/b\":1}"), 3, B, 4);
        assertThat(FieldVersionsCodec.of(state.stored(), state.version())).isEqualTo(state.fields());
    }

    @Test
    void recordsInTwoFormatsBecomeOne() {
        RecordState cbor = new RecordState(
                new Version(1, A),
                FORMATS.of(MediaType.JSON, "{\"x\":1}".getBytes(UTF_8)).as(MediaType.CBOR),
                FieldVersions.whole(new Version(1, A)),
                false,
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
        RecordState a = merge(put(2, A, "{\"z\":2}"), 3, A, "{\"x\":3}");
        RecordState b = merge(cbor, 4, B, "{\"y\":4}");
        RecordState ab = rule.resolve(a, b);
        Content content = ab.content();
        assertThat(content).isNotNull();
        assertThat(content.mediaType()).isEqualTo(MediaType.CBOR);
        assertThat(new String(content.as(MediaType.JSON).toByteArray(), UTF_8)).isEqualTo("{\"x\":3,\"y\":4,\"z\":2}");
        RecordState ba = rule.resolve(b, a);
        assertThat(ba.version()).isEqualTo(ab.version());
        assertThat(text(ba)).isEqualTo(text(ab));
    }

    @Test
    void anyOrderOfArrivalGivesTheSame() {
        for (long seed = 0; seed < 2_000; seed++) {
            List<RecordState> states = new History(new Random(seed)).states();
            RecordState expected = fold(states);
            Random random = new Random(seed);
            for (int i = 0; i < 4; i++) {
                Collections.shuffle(states, random);
                RecordState folded = fold(states);
                assertThat(text(folded)).as("seed %d", seed).isEqualTo(text(expected));
                assertThat(folded.version()).as("seed %d", seed).isEqualTo(expected.version());
                assertThat(folded.fields()).as("seed %d", seed).isEqualTo(expected.fields());
            }
            // In two halves, each joined by itself.
            RecordState halves = rule.resolve(fold(states.subList(0, 3)), fold(states.subList(2, states.size())));
            assertThat(text(halves)).as("seed %d", seed).isEqualTo(text(expected));
            assertThat(halves.version()).as("seed %d", seed).isEqualTo(expected.version());
        }
    }

    private RecordState fold(List<RecordState> states) {
        RecordState all = states.getFirst();
        for (RecordState state : states) {
            all = rule.resolve(state, all);
        }
        return all;
    }

    /** Three nodes that write one record, and hear of each other now and then. */
    private final class History {
        private final Random random;
        private final List<RecordState> states = new ArrayList<>();
        private final @Nullable RecordState[] known = new RecordState[3];

        private History(Random random) {
            this.random = random;
        }

        private List<RecordState> states() {
            for (int time = 1; time <= 9; time++) {
                int node = random.nextInt(3);
                RecordState heard = known[random.nextInt(3)];
                if (heard != null && random.nextInt(3) == 0) {
                    known[node] = rule.resolve(heard, known[node]);
                }
                RecordState written = write(known[node], time, node + 1);
                known[node] = written;
                states.add(written);
            }
            return states;
        }

        private RecordState write(@Nullable RecordState now, int time, long node) {
            String name = "/" + "ab".charAt(random.nextInt(2)) + (random.nextBoolean() ? "" : "/x");
            String field = name.substring(1, 2);
            return switch (random.nextInt(8)) {
                case 0 -> put(time, node, "{\"a\":{\"x\":" + time + "},\"c\":" + time + "}");
                case 1 -> removed(time, node);
                case 2 -> merge(now, time, node, "{\"" + field + "\":null}");
                case 3 -> merge(now, time, node, "{\"" + field + "\":{\"x\":" + time + "}}");
                case 4 -> merge(now, time, node, "{\"" + field + "\":" + time + "}");
                case 5 -> merge(now, time, node, "{\"" + field + "\":{}}");
                default -> increment(now, time, node, time);
            };
        }
    }

    private void both(RecordState a, RecordState b, @Nullable String expected) {
        assertThat(text(rule.resolve(a, b))).isEqualTo(expected);
        assertThat(text(rule.resolve(b, a))).isEqualTo(expected);
    }

    private static RecordState put(long time, long node, String json) {
        return whole(time, node, FORMATS.of(MediaType.JSON, json.getBytes(UTF_8)));
    }

    private static RecordState removed(long time, long node) {
        return whole(time, node, null);
    }

    private static RecordState whole(long time, long node, @Nullable Content content) {
        Version version = new Version(time, node);
        return new RecordState(
                version,
                content,
                FieldVersions.whole(version),
                false,
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
    }

    private RecordState merge(@Nullable RecordState known, long time, long node, String patch) {
        return patch(known, time, node, FORMATS.of(MediaType.MERGE_PATCH, patch.getBytes(UTF_8)));
    }

    private RecordState json(@Nullable RecordState known, long time, long node, String op, String path, String value) {
        String patch = "[{\"op\":\"" + op + "\",\"path\":\"" + path + "\",\"value\":" + value + "}]";
        return patch(known, time, node, FORMATS.of(MediaType.JSON_PATCH, patch.getBytes(UTF_8)));
    }

    private RecordState increment(@Nullable RecordState known, long time, long node, long by) {
        return json(known, time, node, "increment", "/n", "" + by);
    }

    private RecordState patch(@Nullable RecordState known, long time, long node, Content patch) {
        Content base = known == null ? null : known.content();
        return rule.patched(known, base != null, patch, FORMATS.merge(base, patch), new Version(time, node));
    }

    private static @Nullable String text(RecordState state) {
        Content content = state.content();
        return content == null ? null : new String(content.toByteArray(), UTF_8);
    }
}
