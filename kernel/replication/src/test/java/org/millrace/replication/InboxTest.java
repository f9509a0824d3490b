package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

class InboxTest {
    private static final long SELF = 1;
    private static final long OTHER = 2;
    private static final long NOW = 1_000_000;

    private final Inbox inbox = new Inbox(SELF, Map.of(OTHER, 10L), 5, 60_000, 2, 1_000);

    @Test
    void changesThatWereAppliedAreLeftOutAndTheRestOfTheMessageIsNot() {
        assertThat(inbox.offer(received(6, 0, 9, 10), NOW)).isEmpty();
        List<ClusterMessage> released = inbox.offer(received(7, 8, 10, 11, 12), NOW);
        assertThat(places(released)).containsExactly(11L, 12L);
        assertThat(inbox.offer(received(8, 8, 10, 11, 12), NOW)).isEmpty();
    }

    @Test
    void whatComesBeforeItsTurnIsHeldUntilTheRestHasCome() {
        assertThat(inbox.offer(received(6, 12, 13), NOW)).isEmpty();
        assertThat(inbox.waits(OTHER)).isEqualTo(Inbox.Wait.MISSING);
        assertThat(inbox.firstHeld(OTHER)).isEqualTo(13);
        assertThat(inbox.resumeAfter()).isEqualTo(5);
        assertThat(places(inbox.offer(received(7, 10, 12), NOW))).containsExactly(12L, 13L);
        assertThat(inbox.waits(OTHER)).isEqualTo(Inbox.Wait.NONE);
        assertThat(inbox.resumeAfter()).isEqualTo(7);
    }

    @Test
    void aVersionFromTheFutureWaitsForTheClockAndHoldsUpItsOriginOnly() {
        assertThat(inbox.offer(at(NOW + 90_000, received(6, 10, 11)), NOW)).isEmpty();
        assertThat(inbox.waits(OTHER)).isEqualTo(Inbox.Wait.CLOCK);
        assertThat(inbox.offer(received(7, 11, 12), NOW)).isEmpty();
        ClusterMessage third = new ClusterMessage(3, 0, List.of(change(3, 1, NOW)));
        assertThat(inbox.offer(new Received(8, 10, third), NOW)).hasSize(1);
        assertThat(inbox.tick(NOW + 10_000)).isEmpty();
        assertThat(places(inbox.tick(NOW + 31_000))).containsExactly(11L, 12L);
    }

    @Test
    void whatWasForgottenIsReadAgainOnceItIsOfUse() {
        inbox.offer(received(6, 11, 12), NOW);
        inbox.offer(received(7, 12, 13), NOW);
        inbox.offer(received(8, 13, 14), NOW);
        assertThat(inbox.rewind()).isZero();
        assertThat(places(inbox.offer(received(9, 10, 11), NOW))).containsExactly(11L, 12L, 13L);
        assertThat(inbox.resumeAfter()).isEqualTo(7);
        assertThat(inbox.rewind()).isEqualTo(8);
        assertThat(places(inbox.offer(received(8, 13, 14), NOW))).containsExactly(14L);
        assertThat(inbox.rewind()).isZero();
    }

    @Test
    void ownChangesThatComeBackAreOfNoUse() {
        ClusterMessage own = new ClusterMessage(SELF, 0, List.of(change(SELF, 1, NOW)));
        assertThat(inbox.offer(new Received(6, 10, own), NOW)).isEmpty();
        assertThat(inbox.resumeAfter()).isEqualTo(6);
    }

    private static List<Long> places(List<ClusterMessage> messages) {
        return messages.stream()
                .flatMap(message -> message.changes().stream())
                .map(change -> change.cursor().position())
                .toList();
    }

    private static Received received(long place, long previous, long... positions) {
        return new Received(
                place,
                10,
                new ClusterMessage(
                        OTHER,
                        previous,
                        LongStream.of(positions)
                                .mapToObj(position -> change(OTHER, position, NOW))
                                .toList()));
    }

    private static Received at(long millis, Received received) {
        return new Received(
                received.place(),
                received.bytes(),
                new ClusterMessage(
                        OTHER,
                        received.message().previous(),
                        received.message().changes().stream()
                                .map(change -> change(OTHER, change.cursor().position(), millis))
                                .toList()));
    }

    private static Change change(long node, long position, long millis) {
        return Change.of(
                        ChangeKind.PUT,
                        Path.of("t/a"),
                        new Version((millis << 16) + position, node),
                        new Cursor(node, position))
                .content(new TestContent(MediaType.TEXT, new byte[1]))
                .build();
    }
}
