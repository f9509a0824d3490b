package org.millrace.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** An MQTT client with a session that goes to the next node of a cluster whenever its connection ends. */
final class WanderingFollower implements AutoCloseable {
    private static final String ID = "wanderer";

    private final ClusterOfHosts cluster;
    private final Map<String, String> last = new HashMap<>();
    private final AtomicInteger moves = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closing;

    private WanderingFollower(ClusterOfHosts cluster, String filter, CountDownLatch subscribed) {
        this.cluster = cluster;
        this.thread = Thread.ofPlatform().name(ID).unstarted(() -> wander(filter, subscribed));
    }

    /** Starts one at the first node, and waits until it has subscribed. */
    static WanderingFollower start(ClusterOfHosts cluster, String filter) throws InterruptedException {
        CountDownLatch subscribed = new CountDownLatch(1);
        WanderingFollower follower = new WanderingFollower(cluster, filter, subscribed);
        follower.thread.start();
        if (!subscribed.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("not subscribed within a minute");
        }
        return follower;
    }

    /** What it was shown last, by the last level of the topic. */
    synchronized Map<String, String> lastSeen() {
        return Map.copyOf(last);
    }

    /** How often it went on at another node. */
    int moves() {
        return moves.get();
    }

    /** How often that node did not know its session. */
    int lostSessions() {
        return lost.get();
    }

    private synchronized void take(Mqtt5Publish message) {
        last.put(message.getTopic().getLevels().getLast(), new String(message.getPayloadAsBytes(), UTF_8));
    }

    private void wander(String filter, CountDownLatch subscribed) {
        int node = 0;
        boolean first = true;
        try {
            while (!closing) {
                if (stay(node, filter, first, subscribed)) {
                    first = false;
                }
                node = (node + 1) % cluster.size();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Is a client of one node until the connection ends; whether it could connect. */
    private boolean stay(int node, String filter, boolean first, CountDownLatch subscribed)
            throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .identifier(ID)
                .serverHost("127.0.0.1")
                .serverPort(cluster.mqtt(node))
                .addDisconnectedListener(context -> ended.countDown())
                .buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, this::take);
        try {
            boolean present = client.connectWith()
                    .cleanStart(false)
                    .sessionExpiryInterval(3_600)
                    .send()
                    .get(10, TimeUnit.SECONDS)
                    .isSessionPresent();
            if (first) {
                client.subscribeWith()
                        .topicFilter(filter)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send()
                        .get(10, TimeUnit.SECONDS);
                subscribed.countDown();
            } else {
                moves.incrementAndGet();
                lost.addAndGet(present ? 0 : 1);
            }
            while (!closing && !ended.await(100, TimeUnit.MILLISECONDS)) {
                // connected
            }
            return true;
        } catch (ExecutionException | TimeoutException | MqttClientStateException e) {
            return false; // it is being restarted
        } finally {
            client.disconnect().exceptionally(failure -> null).join();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
    }
}
