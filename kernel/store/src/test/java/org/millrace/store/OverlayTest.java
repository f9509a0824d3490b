package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

class OverlayTest {
    private final Overlay overlay = new Overlay(10, 100_000);

    @Test
    void theNewestStateWins() {
        overlay.add(List.of(put("a", 1), put("a", 2)), 2);
        assertThat(seqOf("a")).isEqualTo(2);
        assertThat(overlay.entries()).isEqualTo(1);
    }

    @Test
    void aFrozenStateIsSeenUntilAYoungerOneHidesIt() {
        overlay.add(List.of(put("a", 1), put("b", 2)), 2);
        Generation frozen = overlay.freeze();
        assertThat(seqOf("a")).isEqualTo(1);
        overlay.add(List.of(delete("a", 3)), 3);
        assertThat(seqOf("a")).isEqualTo(3);
        assertThat(overlay.view().find(Path.of("a")).entry()).isNull();
        assertThat(frozen.find(Path.of("a")).seq()).isEqualTo(1);
        assertThat(frozen.throughSeq()).isEqualTo(2);
    }

    @Test
    void droppingLeavesWhatWasAddedMeanwhile() {
        overlay.add(List.of(put("a", 1), put("b", 2)), 2);
        overlay.freeze();
        overlay.add(List.of(put("a", 3)), 3);
        overlay.drop();
        assertThat(seqOf("a")).isEqualTo(3);
        assertThat(overlay.view().find(Path.of("b"))).isNull();
    }

    @Test
    void freezingTwiceWithoutDroppingIsADefect() {
        overlay.freeze();
        assertThatThrownBy(overlay::freeze).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aCursorMergesBothGenerationsInKeyOrder() {
        overlay.add(List.of(put("d", 1), put("b", 2), put("a", 3)), 3);
        overlay.freeze();
        overlay.add(List.of(put("c", 4), put("b", 5), put("e", 6)), 6);
        assertThat(seqsFrom("a", true)).containsExactly(3L, 5L, 4L, 1L, 6L);
        assertThat(seqsFrom("a", false)).containsExactly(5L, 4L, 1L, 6L);
        assertThat(seqsFrom("f", true)).isEmpty();
    }

    @Test
    void theFillCountsWhatIsNotYetOnDisk() {
        overlay.add(List.of(put("a", 1), put("b", 2), put("c", 3), put("d", 4)), 4);
        assertThat(overlay.fill()).isEqualTo(0.4);
        overlay.freeze();
        overlay.add(List.of(put("a", 5)), 5);
        assertThat(overlay.fill()).isEqualTo(0.5);
        overlay.frozenLeft(1, 100);
        assertThat(overlay.fill()).isEqualTo(0.2);
        overlay.drop();
        assertThat(overlay.fill()).isEqualTo(0.1);
    }

    @Test
    void theWeightFollowsTheNewestState() {
        overlay.add(List.of(put("a", 1)), 1);
        long light = overlay.bytes();
        Change heavy =
                change(ChangeKind.PUT, "a", 2).content(TestNode.bytes(50_000)).build();
        overlay.add(List.of(Pending.of(RecordKey.of(heavy.path()), heavy)), 2);
        assertThat(overlay.bytes()).isGreaterThan(50_000);
        assertThat(overlay.fill()).isGreaterThan(0.5);
        overlay.add(List.of(put("a", 3)), 3);
        assertThat(overlay.bytes()).isEqualTo(light);
    }

    private long seqOf(String path) {
        return overlay.view().find(Path.of(path)).seq();
    }

    private List<Long> seqsFrom(String key, boolean inclusive) {
        List<Long> seqs = new ArrayList<>();
        OverlayCursor cursor = overlay.view().from(RecordKey.of(Path.of(key)), inclusive);
        for (Pending state = cursor.peek(); state != null; state = cursor.peek()) {
            seqs.add(state.seq());
            cursor.step();
        }
        return seqs;
    }

    private static Pending put(String path, long seq) {
        Change change =
                change(ChangeKind.PUT, path, seq).content(TestNode.json("1")).build();
        return Pending.of(RecordKey.of(change.path()), change);
    }

    private static Pending delete(String path, long seq) {
        Change change = change(ChangeKind.DELETE, path, seq).build();
        return Pending.of(RecordKey.of(change.path()), change);
    }

    private static Change.Builder change(ChangeKind kind, String path, long seq) {
        return Change.of(kind, Path.of(path), new Version(seq, 1), new Cursor(1, seq));
    }
}
