package org.millrace.examples.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.examples.coap.Peer.text;

import java.io.IOException;
import java.util.Map;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.Type;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;

class ObserveTest {
    private static final Map<String, String> USUAL = Map.of("observe-interval", "0ms", "max-observers", "3");
    /** A client is taken for gone within a second. */
    private static final Map<String, String> IMPATIENT =
            Map.of("ack-timeout", "100ms", "max-retransmit", "1", "observe-interval", "0ms", "observe-check", "1s");

    private final InMemoryHost host = InMemoryHost.create();
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        host.start("coap", new CoapPlugin(), USUAL);
        peer = new Peer(host.address("coap"));
        put("t/1", "1");
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        host.close();
    }

    private void put(String path, String json) {
        host.resources()
                .put(Path.of(path), host.contents().of(MediaType.JSON, json.getBytes()), WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
    }

    private long observers() {
        return host.metric("coap", "observers");
    }

    @Test
    void anObserverGetsTheStateAndThenEachChange() throws IOException {
        Request request = peer.observe("t/1");
        Response first = peer.ask(request);
        assertThat(first.getOptions().hasObserve()).isTrue();
        assertThat(text(first)).isEqualTo("1");

        put("t/1", "2");
        Response second = peer.receive();

        assertThat(second.getType()).isEqualTo(Type.CON);
        assertThat(second.getToken()).isEqualTo(request.getToken());
        assertThat(text(second)).isEqualTo("2");
        assertThat(second.getOptions().getObserve())
                .isGreaterThan(first.getOptions().getObserve());
        assertThat(second.getOptions().getETags().getFirst())
                .isNotEqualTo(first.getOptions().getETags().getFirst());
        peer.acknowledge(second);
        put("t/1", "3");
        assertThat(text(peer.receiveAfter(second))).isEqualTo("3");
    }

    @Test
    void anObserverThatAcknowledgesNothingCostsOneNotificationAndIsGivenUp() throws Exception {
        host.start("impatient", new CoapPlugin(), IMPATIENT);
        try (Peer silent = new Peer(host.address("impatient"))) {
            silent.ask(silent.observe("t/1"));
            long delivered = host.deliveredBytes();
            for (int i = 10; i < 60; i++) {
                put("t/1", Integer.toString(i));
            }

            Response only = silent.receive();
            await().untilAsserted(() ->
                    assertThat(host.metric("impatient", "observers")).isZero());
            assertThat(host.deliveredBytes() - delivered).isEqualTo("10".length());
            put("t/1", "60");
            assertThat(silent.receive().getMID()).as("a repetition").isEqualTo(only.getMID());
            assertThat(silent.hearsNothing(300)).isTrue();
        }
    }

    @Test
    void aSlowObserverGetsTheNewestStateWhenItIsReady() throws IOException {
        peer.ask(peer.observe("t/1"));
        put("t/1", "10");
        Response first = peer.receive();
        for (int i = 11; i < 60; i++) {
            put("t/1", Integer.toString(i));
        }

        peer.acknowledge(first);

        assertThat(text(peer.receiveAfter(first))).isEqualTo("59");
    }

    @Test
    void theEndOfTheRecordEndsTheObservation() throws IOException {
        peer.ask(peer.observe("t/1"));
        try (Peer other = new Peer(host.address("coap"))) {
            other.ask(other.request(Code.DELETE, "t/1"));
        }

        Response gone = peer.receive();

        assertThat(gone.getCode().text).isEqualTo("4.04");
        assertThat(gone.getOptions().hasObserve()).isFalse();
        assertThat(observers()).isZero();
        peer.acknowledge(gone);
        put("t/1", "2");
        assertThat(peer.code(peer.get("t/1"))).isEqualTo("2.05");
    }

    @Test
    void aClientEndsItsObservation() throws IOException {
        Request request = peer.observe("t/1");
        peer.ask(request);
        Request cancel = peer.get("t/1");
        cancel.setToken(request.getToken());
        cancel.setObserveCancel();

        assertThat(peer.ask(cancel).getOptions().hasObserve()).isFalse();

        assertThat(observers()).isZero();
        put("t/1", "2");
        assertThat(peer.hearsNothing(200)).isTrue();
    }

    @Test
    void aClientRejectsANotification() throws IOException {
        peer.ask(peer.observe("t/1"));
        put("t/1", "2");

        peer.reject(peer.receive());

        await().untilAsserted(() -> assertThat(observers()).isZero());
    }

    @Test
    void whoBeginsAnewWithItsTokenIsOneObserver() throws IOException {
        Request request = peer.observe("t/1");
        Response first = peer.ask(request);
        Request again = peer.observe("t/1");
        again.setToken(request.getToken());

        Response second = peer.ask(again);

        assertThat(second.getOptions().getObserve())
                .isGreaterThan(first.getOptions().getObserve());
        assertThat(observers()).isEqualTo(1);
    }

    @Test
    void whatIsNotThereIsNotObserved() throws IOException {
        Response response = peer.ask(peer.observe("t/none"));

        assertThat(response.getCode().text).isEqualTo("4.04");
        assertThat(response.getOptions().hasObserve()).isFalse();
        assertThat(observers()).isZero();
    }

    @Test
    void beyondTheLimitOfObserversAClientIsAnsweredOnce() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(peer.ask(peer.observe("t/1")).getOptions().hasObserve()).isTrue();
        }

        Response response = peer.ask(peer.observe("t/1"));

        assertThat(response.getCode().text).isEqualTo("2.05");
        assertThat(response.getOptions().hasObserve()).isFalse();
        assertThat(observers()).isEqualTo(3);
    }

    @Test
    void aMessageToThePathIsNoStateOfTheRecord() throws IOException {
        peer.ask(peer.observe("t/1"));
        try (Peer other = new Peer(host.address("coap"))) {
            Request message = other.request(Code.POST, "t/1");
            message.setPayload("9");
            other.ask(message);
        }
        put("t/1", "2");

        assertThat(text(peer.receive())).isEqualTo("2");
    }

    @Test
    void aLargeStateComesInBlocksAndTheNextOneFollows() throws IOException {
        peer.ask(peer.observe("t/1"));
        String large = "\"" + "x".repeat(1500) + "\"";
        put("t/1", large);

        Response first = peer.receive();
        peer.acknowledge(first);
        Request rest = peer.get("t/1");
        rest.getOptions().setBlock2(6, false, 1);
        Response second = peer.ask(rest);

        assertThat(text(first) + text(second)).isEqualTo(large);
        put("t/1", "3");
        assertThat(text(peer.receiveAfter(second))).isEqualTo("3");
    }

    @Test
    void aQuietObserverIsLookedForAndGivenUpIfItIsGone() throws Exception {
        host.start("quiet", new CoapPlugin(), IMPATIENT);
        try (Peer quiet = new Peer(host.address("quiet"))) {
            Response first = quiet.ask(quiet.observe("t/1"));
            Response check = quiet.receive();
            assertThat(text(check)).isEqualTo("1");
            assertThat(check.getOptions().getETags().getFirst())
                    .isEqualTo(first.getOptions().getETags().getFirst());
            assertThat(first.getOptions().getMaxAge()).isEqualTo(101);
        }
        await().untilAsserted(
                        () -> assertThat(host.metric("quiet", "observers")).isZero());
    }

    @Test
    void observersAreToldThatThePluginStops() throws Exception {
        peer.ask(peer.observe("t/1"));

        host.stop("coap");

        Response last = peer.receive();
        assertThat(last.getCode().text).isEqualTo("5.03");
        assertThat(last.getType()).isEqualTo(Type.NON);
    }
}
