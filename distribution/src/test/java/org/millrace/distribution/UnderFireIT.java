package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MQTT's promises while the network is cut, the server killed and sessions taken over: nothing that was acknowledged is
 * lost, each topic is in order, and QoS 2 repeats nothing.
 */
class UnderFireIT {
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
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path data = folder.resolve("data");
        MillraceProcess host = MillraceProcess.start(data);
        try (CuttingProxy proxy = new CuttingProxy(host.port("mqtt"))) {
            FireSubscriber subscriber = new FireSubscriber("subscriber", proxy.port(), "fire/#", 4 * perTopic, seed);
            Thread.ofVirtual().start(subscriber);
            Awaitility.await().atMost(30, TimeUnit.SECONDS).until(subscriber::isSubscribed);
            List<FirePublisher> publishers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                publishers.add(new FirePublisher(proxy.port(), "fire/" + i, 1 + i % 2, perTopic));
            }
            publishers.forEach(p -> Thread.ofVirtual().start(p));
            int killed = 0;
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(kills > 2 ? 20 : 4);
            while (!subscriber.isDone()
                    && System.nanoTime() < deadline
                    && failures(subscriber, publishers).isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(200));
                proxy.cutOne(random);
                if (killed < kills && subscriber.distinct() > (killed + 1L) * 4 * perTopic / (kills + 1)) {
                    killed++;
                    host.kill();
                    host = MillraceProcess.start(data);
                    proxy.target(host.port("mqtt"));
                }
            }
            String what = String.format(
                    "seed %d, %d kills, %d connections of the subscriber, %d take-overs, %d repeated at QoS 1",
                    seed, killed, subscriber.connections(), subscriber.takeOvers(), subscriber.repeated());
            System.err.println("under fire: " + what);
            assertThat(failures(subscriber, publishers)).as(what).isEmpty();
            assertThat(subscriber.highest())
                    .as(what)
                    .hasSize(4)
                    .allSatisfy((topic, highest) -> assertThat(highest).isEqualTo(perTopic));
        } finally {
            host.kill();
        }
    }

    private static List<String> failures(FireSubscriber subscriber, List<FirePublisher> publishers) {
        List<String> failures = new ArrayList<>();
        failures.add(subscriber.failure());
        publishers.forEach(p -> failures.add(p.failure()));
        failures.removeIf(String::isEmpty);
        return failures;
    }
}
