package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MQTT's promises while the network is cut, the server killed and sessions taken over: nothing that was acknowledged is
 * lost, each topic is in order, and QoS 2 repeats nothing.
 */
class UnderFireIT {
    private static final int TOPICS = 4;

    @TempDir
    Path folder;

    @Test
    void nothingIsLostAndQos2RepeatsNothing() throws Exception {
        fire(1_500, 2);
    }

    @Test
    @Tag("slow")
    void nothingIsLostAndQos2RepeatsNothingInAHundredThousandMessages() throws Exception {
        fire(25_000, 12);
    }

    private void fire(int perTopic, int kills) throws Exception {
        try (Fire fire = new Fire(folder.resolve("data"), TOPICS * perTopic, kills)) {
            FireSubscriber subscriber =
                    new FireSubscriber("subscriber", fire.port(), "fire/#", TOPICS * perTopic, fire.seed());
            Thread.ofVirtual().start(subscriber);
            Awaitility.await().atMost(30, TimeUnit.SECONDS).until(subscriber::isSubscribed);
            List<FireClient> publishers = FirePublisher.startAll(fire.port(), TOPICS, perTopic);
            fire.rage(
                    subscriber::isDone,
                    subscriber::distinct,
                    Stream.concat(Stream.of(subscriber), publishers.stream()),
                    () -> 1);
            String what = fire.story()
                    + String.format(
                            ", %d connections of the subscriber, %d take-overs, %d repeated at QoS 1",
                            subscriber.connections(), subscriber.takeOvers(), subscriber.repeated());
            System.err.println("under fire: " + what);
            assertThat(Fire.failures(Stream.concat(Stream.of(subscriber), publishers.stream())))
                    .as(what)
                    .isEmpty();
            assertThat(subscriber.highest())
                    .as(what)
                    .hasSize(TOPICS)
                    .allSatisfy((topic, highest) -> assertThat(highest).isEqualTo(perTopic));
        }
    }
}
