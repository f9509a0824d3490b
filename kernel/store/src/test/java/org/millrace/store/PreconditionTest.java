package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.millrace.store.TestNode.json;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Every precondition against every state of a record, wherever that state is kept, for every kind of write. */
class PreconditionTest {
    private static final Version OTHER = new Version(7, 7);

    private static final Map<String, Function<WriteOptions, Write>> WRITES = Map.of(
            "put", options -> new Write.Put(path("t/a"), json("{\"w\":1}"), options),
            "patch", options -> new Write.Patch(path("t/a"), json("{\"w\":1}"), options),
            "delete", options -> new Write.Delete(path("t/a"), options),
            "publish", options -> new Write.Publish(path("t/a"), json("1"), options));

    @TempDir
    Path directory;

    /** Where the newest state is when the write comes. */
    enum Place {
        OVERLAY,
        DISK,
        SAME_REQUEST
    }

    static Stream<Arguments> cases() {
        return WRITES.keySet().stream()
                .flatMap(write -> Stream.of(Place.values()).map(place -> Arguments.of(write, place)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void holdsExactlyWhenItShould(String write, Place place) {
        try (TestNode node = TestNode.open(directory)) {
            for (boolean present : List.of(false, true)) {
                check(node, write, place, present, version -> Precondition.NONE, true);
                check(node, write, place, present, version -> Precondition.ABSENT, !present);
                check(node, write, place, present, version -> Precondition.PRESENT, present);
                check(node, write, place, present, version -> new Precondition.AnyOf(List.of(OTHER)), false);
                check(node, write, place, present, version -> new Precondition.AnyOf(List.of()), false);
                check(node, write, place, present, version -> new Precondition.NoneOf(List.of(OTHER)), true);
                if (place != Place.SAME_REQUEST) { // the version is not known there
                    check(node, write, place, present, Precondition::at, present);
                    check(node, write, place, present, v -> new Precondition.AnyOf(List.of(OTHER, v)), present);
                    check(node, write, place, present, v -> new Precondition.NoneOf(List.of(v, OTHER)), !present);
                }
            }
        }
    }

    private static void check(
            TestNode node,
            String write,
            Place place,
            boolean present,
            Function<Version, Precondition> precondition,
            boolean holds) {
        node.write(new Write.Delete(path("t/a"), WriteOptions.DEFAULT));
        Write before = present ? put("t/a", "{}") : new Write.Delete(path("t/a"), WriteOptions.DEFAULT);
        Version version = OTHER;
        if (place != Place.SAME_REQUEST) {
            version = node.write(before).getFirst().version();
        }
        if (place == Place.DISK) {
            node.store.flush();
            assertThat(node.store.overlay().entries()).isZero();
        }
        Precondition wanted = precondition.apply(version);
        Write tried = WRITES.get(write).apply(WriteOptions.DEFAULT.withPrecondition(wanted));
        Write[] request = place == Place.SAME_REQUEST ? new Write[] {before, tried} : new Write[] {tried};
        String text = node.text("t/a");
        if (holds) {
            assertThat(node.write(request)).as("%s %s", wanted, present).hasSize(request.length);
        } else {
            assertThatThrownBy(() -> node.write(request))
                    .as("%s %s", wanted, present)
                    .isInstanceOfSatisfying(
                            ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED))
                    .hasMessageContaining("t/a");
            assertThat(node.text("t/a")).isEqualTo(text);
        }
    }

    @Test
    void anExpiredRecordCountsAsAbsent() {
        SettableClock clock = new SettableClock();
        StoreOptions calm = StoreOptions.at(directory)
                .withIntervals(Duration.ofHours(1), Duration.ofMillis(100), Duration.ofHours(1));
        try (TestNode node = TestNode.open(calm, clock)) {
            WriteOptions soon =
                    WriteOptions.DEFAULT.withExpiresAt(clock.instant().plusMillis(10));
            node.write(put("t/a", "1", soon));
            clock.advance(Duration.ofMillis(10));
            WriteOptions create = WriteOptions.DEFAULT.withPrecondition(Precondition.ABSENT);
            assertThat(node.write(put("t/a", "2", create))).hasSize(1);
            assertThat(node.text("t/a")).isEqualTo("2");
        }
    }
}
