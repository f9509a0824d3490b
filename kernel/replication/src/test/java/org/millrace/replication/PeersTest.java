package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PeersTest {
    private static final Clock NOW = Clock.fixed(Instant.ofEpochMilli(1_000_000), ZoneOffset.UTC);

    private static final List<Peers.Progress> AT = List.of(new Peers.Progress(7, 5, 9), new Peers.Progress(3, 3, 8));
    private static final Origin A = new Origin(9, 1);

    private final Peers peers = new Peers(1, "one", "run", List.of(), NOW);

    @Test
    void whatANodeThatIsAwayHasSentIsKnownFromThoseThatSawIt() throws ReplicationException {
        peers.heard(new Peers(2, "two", "other", List.of(), NOW)
                .beat(
                        AT,
                        Wants.NOTHING,
                        new ForeignCursors.Sight(9, Map.of(new Origin(1, 0), 8L, new Origin(2, 0), 6L, A, 4L)),
                        -1,
                        ""));

        assertThat(peers.stored(origin -> true))
                .containsExactlyInAnyOrderEntriesOf(Map.of(new Origin(2, 0), 5L, new Origin(2, 1), 3L, A, 4L));
        assertThat(peers.stored(origin -> false)).doesNotContainKey(A);
    }

    @Test
    void aNodeThatIsHeardIsPresentUntilItHasBeenSilent() throws Exception {
        peers.heard(new Peers(2, "two", "other", List.of(), NOW)
                .beat(AT, Wants.NOTHING, new ForeignCursors.Sight(0, Map.of()), -1, "9:ab"));
        assertThat(peers.all()).singleElement().satisfies(peer -> {
            assertThat(peer.name()).isEqualTo("two");
            assertThat(peer.progress()).isEqualTo(AT);
            assertThat(peer.sums()).isEqualTo("9:ab");
            assertThat(peers.isPresent(peer)).isTrue();
        });
        assertThat(peers.alerts()).isEmpty();
    }

    @Test
    void whoHasAnOriginsChangesIsFoundIfItHasTheSameTables() throws Exception {
        ForeignCursors.Sight sight = new ForeignCursors.Sight(10, Map.of(A, 20L));
        peers.heard(new Peers(2, "two", "other", List.of("a*"), NOW).beat(AT, Wants.NOTHING, sight, -1, ""));
        assertThat(peers.having(A, 20)).isEmpty();
        peers.heard(new Peers(3, "three", "other", List.of(), NOW).beat(AT, Wants.NOTHING, sight, -1, ""));
        assertThat(peers.having(A, 20).map(Peers.Peer::node)).contains(3L);
        assertThat(peers.having(A, 21)).isEmpty();
        Peers some = new Peers(1, "one", "run", List.of("a*"), NOW);
        some.heard(new Peers(2, "two", "other", List.of("a*"), NOW).beat(AT, Wants.NOTHING, sight, -1, ""));
        assertThat(some.having(A, 20)).isPresent();
    }

    @Test
    void clocksApartAreReported() throws Exception {
        Clock ahead = Clock.offset(NOW, Duration.ofSeconds(30));
        peers.heard(new Peers(2, "two", "other", List.of(), ahead)
                .beat(AT, Wants.NOTHING, new ForeignCursors.Sight(0, Map.of()), -1, ""));
        assertThat(peers.alerts()).singleElement().asString().contains("'two' is 30000 ms ahead");
    }

    @Test
    void anotherRunOfTheSameNodeIsRefusedOnceItGoesOnAndItsOwnBeatIsNot() throws Exception {
        AtomicLong millis = new AtomicLong(1_000_000);
        Peers self = new Peers(1, "one", "run", List.of(), new Ticking(millis));
        self.heard(self.beat(AT, Wants.NOTHING, new ForeignCursors.Sight(0, Map.of()), -1, ""));
        byte[] copy = new Peers(1, "one", "another run", List.of(), NOW)
                .beat(AT, Wants.NOTHING, new ForeignCursors.Sight(0, Map.of()), -1, "");
        self.heard(copy);
        millis.addAndGet(1_000);
        self.heard(copy);
        millis.addAndGet(2_000);
        assertThatThrownBy(() -> self.heard(copy))
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        e -> assertThat(e.isLasting()).isTrue())
                .hasMessageContaining("empty data directory");
    }

    @Test
    void aBeatOfAnotherReleaseIsPassedOver() throws Exception {
        peers.heard("node=zz\nfuture".getBytes(StandardCharsets.UTF_8));
        assertThat(peers.all()).isEmpty();
    }

    private static final class Ticking extends Clock {
        private final AtomicLong millis;

        Ticking(AtomicLong millis) {
            this.millis = millis;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis.get());
        }
    }
}
