package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ClientOptions;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DurabilityMode;
import org.apache.qpid.protonj2.client.ExpiryPolicy;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AMQP clients with durable subscriptions that go from one node of a cluster to another. */
class MovingSubscriptionsIT {
    private static final Duration COPIED = Duration.ofSeconds(3);

    @TempDir
    static Path folder;

    private static ClusterOfHosts cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = ClusterOfHosts.start(folder, 2);
        cluster.awaitPlaces(0, 1);
        cluster.awaitPlaces(1, 0);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    private static ReceiverOptions durable(String name) {
        ReceiverOptions durable = new ReceiverOptions().linkName(name).autoAccept(false);
        durable.sourceOptions().durabilityMode(DurabilityMode.UNSETTLED_STATE).expiryPolicy(ExpiryPolicy.NEVER);
        return durable;
    }

    private static Receiver open(Connection connection, String name) throws Exception {
        Receiver receiver = connection.openReceiver(name + "/#", durable(name));
        receiver.openFuture().get(30, TimeUnit.SECONDS);
        return receiver;
    }

    private static void send(Client client, int node, String address, int from, int through) throws ClientException {
        try (Connection connection = client.connect("127.0.0.1", cluster.amqp(node))) {
            Sender sender = connection.openSender(address);
            for (int i = from; i <= through; i++) {
                sender.send(Message.create("" + i)).awaitAccepted(20, TimeUnit.SECONDS);
            }
        }
    }

    /** Accepts what comes until a message has come, each once. */
    private static Set<String> until(String last, Receiver receiver) throws ClientException {
        Set<String> all = new LinkedHashSet<>();
        while (!all.contains(last)) {
            Delivery delivery = receiver.receive(30, TimeUnit.SECONDS);
            assertThat(delivery).as("a delivery in time").isNotNull();
            all.add((String) delivery.message().body());
            delivery.accept();
        }
        return all;
    }

    private static List<String> numbers(int from, int through) {
        return IntStream.rangeClosed(from, through).mapToObj(Integer::toString).toList();
    }

    @Test
    void aDurableSubscriptionGoesOnAtAnotherNodeAndComesBack() throws Exception {
        try (Client client = Client.create(new ClientOptions().id("mover"))) {
            try (Connection connection = client.connect("127.0.0.1", cluster.amqp(0))) {
                open(connection, "moves");
            }
            send(client, 0, "moves/1", 1, 10);
            try (Connection connection = client.connect("127.0.0.1", cluster.amqp(1))) {
                assertThat(until("10", open(connection, "moves"))).containsExactlyElementsOf(numbers(1, 10));
            }
            send(client, 1, "moves/1", 11, 20);
            try (Connection connection = client.connect("127.0.0.1", cluster.amqp(0))) {
                assertThat(until("20", open(connection, "moves"))).containsAll(numbers(11, 20));
            }
        }
    }

    @Test
    void aReceiverThatAttachesElsewhereEndsTheLinkAndGetsWhatWasNotAccepted() throws Exception {
        try (Client client = Client.create(new ClientOptions().id("thief"))) {
            Connection there = client.connect("127.0.0.1", cluster.amqp(0));
            Receiver before = open(there, "stolen");
            send(client, 1, "stolen/1", 1, 2);
            Delivery held = before.receive(30, TimeUnit.SECONDS);
            assertThat((Object) held.message().body()).isEqualTo("1");
            Connection here = client.connect("127.0.0.1", cluster.amqp(1));
            assertThat(until("2", open(here, "stolen"))).containsExactly("1", "2");
            await().atMost(ClusterOfHosts.PATIENCE).until(() -> {
                try {
                    before.tryReceive();
                    return false;
                } catch (ClientException e) {
                    return true;
                }
            });
            there.close();
            here.close();
        }
    }

    @Test
    void aDurableSubscriptionOutlivesItsNode() throws Exception {
        try (Client client = Client.create(new ClientOptions().id("survivor"))) {
            Connection connection = client.connect("127.0.0.1", cluster.amqp(0));
            open(connection, "outlives");
            // A place is copied within a second, as documented.
            await().pollDelay(COPIED)
                    .atMost(ClusterOfHosts.PATIENCE)
                    .untilAsserted(() -> assertThat(Http.text(Http.get(cluster.host(0), "/$sys/cluster")))
                            .contains("\"unsentChanges\":0"));
            cluster.host(0).kill();
            connection.closeAsync();
            send(client, 1, "outlives/1", 1, 5);
            try (Connection elsewhere = client.connect("127.0.0.1", cluster.amqp(1))) {
                assertThat(until("5", open(elsewhere, "outlives"))).containsAll(numbers(1, 5));
            }
            cluster.start(0);
            cluster.awaitPlaces(0, 1);
            cluster.awaitPlaces(1, 0);
        }
    }
}
