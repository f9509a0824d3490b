package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.millrace.replication.Outbox.Place;
import org.millrace.replication.Outbox.Sent;

class OutboxTest {
    private final Outbox outbox = new Outbox(new Place(3, 5), 3);

    @Test
    void acknowledgedIsWhatIsStoredWithoutAGap() {
        Sent first = outbox.sent(new Place(7, 7));
        Sent second = outbox.sent(new Place(9, 9));
        outbox.stored(second);
        assertThat(outbox.acknowledged()).isEqualTo(new Place(3, 5));
        outbox.stored(first);
        assertThat(outbox.acknowledged()).isEqualTo(new Place(9, 9));
    }

    @Test
    void afterAFailureEverythingBehindWhatIsAcknowledgedIsSentAgain() {
        Sent first = outbox.sent(new Place(7, 7));
        Sent second = outbox.sent(new Place(9, 9));
        outbox.stored(first);
        outbox.failed(second);
        assertThat(outbox.next()).isEqualTo(new Place(7, 7));
        outbox.sent(new Place(8, 8));
        outbox.stored(second);
        assertThat(outbox.acknowledged()).isEqualTo(new Place(7, 7));
        outbox.failed(second);
        assertThat(outbox.underWay()).isEqualTo(1);
    }

    @Test
    void theWindowIsBounded() {
        for (int i = 0; i < 3; i++) {
            assertThat(outbox.hasRoom()).isTrue();
            outbox.sent(new Place(6 + i, 6 + i));
        }
        assertThat(outbox.hasRoom()).isFalse();
    }

    @Test
    void aStretchOfOthersChangesCountsOnceEverythingBeforeIsStored() {
        Sent sent = outbox.sent(new Place(7, 7));
        outbox.skipped(20);
        assertThat(outbox.acknowledged()).isEqualTo(new Place(3, 5));
        outbox.stored(sent);
        assertThat(outbox.acknowledged()).isEqualTo(new Place(7, 20));
        outbox.skipped(30);
        assertThat(outbox.acknowledged()).isEqualTo(new Place(7, 30));
    }
}
