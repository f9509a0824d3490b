package org.millrace.examples.coap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP.Type;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.Exchange.Origin;
import org.eclipse.californium.core.network.KeyMID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.testkit.InMemoryHost;

class LimitsTest {
    private final InMemoryHost host = InMemoryHost.create();
    private final Slow slow = new Slow();
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        host.context("logic", Map.of()).extensions().offer(CustomResource.POINT, slow);
        host.start("coap", new CoapPlugin(), Map.of("max-pending", "2", "max-transfers", "10"));
        peer = new Peer(host.address("coap"));
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        host.close();
    }

    @Test
    void whatTakesLongIsAcknowledgedFirstAndAnsweredLater() throws IOException {
        Request request = peer.put("slow/1", "1");
        peer.send(request);
        Message acknowledgement = peer.receiveAny();
        assertThat(acknowledgement.getType()).isEqualTo(Type.ACK);
        assertThat(acknowledgement.getRawCode()).isZero();
        assertThat(acknowledgement.getMID()).isEqualTo(request.getMID());

        slow.goOn.complete(null);

        Response response = peer.receive();
        assertThat(response.getType()).isEqualTo(Type.CON);
        assertThat(response.getToken()).isEqualTo(request.getToken());
        assertThat(response.getCode().text).isEqualTo("2.01");
        peer.acknowledge(response);
    }

    @Test
    void requestsBeyondThoseBeingWorkedOnAreToldToComeAgain() throws IOException {
        peer.send(peer.put("slow/1", "1"));
        peer.send(peer.put("slow/2", "1"));
        try (Peer third = new Peer(host.address("coap"))) {
            assertThat(third.code(third.put("t/1", "1"))).isEqualTo("4.29");
            slow.goOn.complete(null);
            peer.receive();
            peer.receive();
            assertThat(third.code(third.put("t/1", "1"))).isEqualTo("2.01");
        }
    }

    @Test
    void aTransferBeyondThoseUnderWayIsGivenUpAndTheOthersGoOn() throws IOException {
        for (int i = 0; i < 10; i++) {
            assertThat(peer.code(block("t/" + i, 0, true))).isEqualTo("2.31");
        }

        peer.ask(block("t/10", 0, true));
        assertThat(peer.code(block("t/10", 1, false))).isEqualTo("4.08");

        assertThat(peer.code(block("t/0", 1, false))).isEqualTo("2.01");
    }

    private Request block(String path, int number, boolean more) {
        Request request = peer.put(path, "\" ".repeat(512));
        request.getOptions().setBlock1(6, more, number);
        request.getOptions().setContentFormat(42);
        return request;
    }

    @Test
    void whoAsksForNoAcknowledgementGetsNone() throws IOException {
        Request request = peer.put("t/1", "1");
        request.setType(Type.NON);

        Response response = peer.ask(request);

        assertThat(response.getType()).isEqualTo(Type.NON);
        assertThat(response.getCode().text).isEqualTo("2.01");
    }

    @Test
    void ofRequestsOnlyTheLatestAreRemembered() {
        RecentRequests recent = new RecentRequests(2, TimeUnit.HOURS.toNanos(1));
        Exchange first = exchange();
        assertThat(recent.findPrevious(new KeyMID(1, "a"), first)).isNull();
        assertThat(recent.findPrevious(new KeyMID(1, "a"), exchange())).isSameAs(first);
        assertThat(recent.findPrevious(new KeyMID(1, "b"), exchange())).isNull();
        assertThat(recent.findPrevious(new KeyMID(2, "b"), exchange())).isNull();
        assertThat(recent.size()).isEqualTo(2);
        assertThat(recent.find(new KeyMID(1, "a"))).isNull();
    }

    @Test
    void whatIsTooOldToComeAgainIsForgotten() {
        RecentRequests recent = new RecentRequests(10, -1);
        recent.findPrevious(new KeyMID(1, "a"), exchange());

        assertThat(recent.findPrevious(new KeyMID(1, "a"), exchange())).isNull();
        assertThat(recent.size()).isEqualTo(1);
    }

    @Test
    void messagesToOnePeerAreNumberedWithoutTheNumbersOfMulticast() {
        MessageIds ids = new MessageIds();
        int first = ids.getNextMessageId(host.address("coap"));
        int last = first;
        for (int i = 1; i < 65_000; i++) {
            int next = ids.getNextMessageId(host.address("coap"));
            assertThat(next).isEqualTo((last + 1) % 65_000);
            last = next;
        }
        assertThat(ids.getNextMessageId(host.address("coap"))).isEqualTo(first);
    }

    private static Exchange exchange() {
        Request request = Request.newGet();
        request.setToken(Token.EMPTY);
        return new Exchange(request, "peer", Origin.REMOTE, Runnable::run);
    }

    /** Logic at {@code slow/} that takes as long as the test wants. */
    private static final class Slow implements CustomResource {
        final CompletableFuture<Void> goOn = new CompletableFuture<>();

        @Override
        public List<TopicFilter> filters() {
            return List.of(TopicFilter.of("slow/#"));
        }

        @Override
        public CompletionStage<Accepted> accept(Write write, Caller caller) {
            return goOn.thenApply(nothing -> Accepted.of(write));
        }
    }
}
