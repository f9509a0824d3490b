package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.DatagramSettings;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.TlsSettings;

class DatagramListenerTest {
    private static final DatagramSettings ANY_PORT = DatagramSettings.at(0, "");
    private static EventLoops loops;

    private final MetricRegistry metrics = new MetricRegistry();
    private final Listeners listeners = listeners(new BindRule("127.0.0.1", false, false));
    private final PluginTransport transport = listeners.plugin("coap");
    private final Echo echo = new Echo();
    private DatagramSocket client;

    @BeforeAll
    static void openLoops() {
        loops = EventLoops.open(2);
    }

    @AfterAll
    static void closeLoops() {
        loops.close();
    }

    @BeforeEach
    void openClient() throws IOException {
        client = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        client.setSoTimeout(10_000);
    }

    @AfterEach
    void close() {
        client.close();
        transport.close();
    }

    private Listeners listeners(BindRule rule) {
        return new Listeners(loops, rule, metrics, UnreadBytes.limitedTo(0));
    }

    private void send(Listener listener, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        client.send(new java.net.DatagramPacket(bytes, bytes.length, listener.address()));
    }

    private String receive() throws IOException {
        var packet = new java.net.DatagramPacket(new byte[2048], 2048);
        client.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    }

    @Test
    void datagramsGoBothWaysAndAreCounted() throws IOException {
        Listener listener = transport.listenDatagrams("coap", ANY_PORT, echo);

        send(listener, "hello");

        assertThat(receive()).isEqualTo("hello");
        assertThat(metrics.text())
                .contains("millrace_listener_received_datagrams{listener=\"coap\"} 1")
                .contains("millrace_listener_sent_datagrams{listener=\"coap\"} 1");
    }

    @Test
    void theListenerIsAmongItsPluginsAndSaysThatItTakesDatagrams() throws IOException {
        Listener listener = transport.listenDatagrams("coap", ANY_PORT, echo);

        assertThat(listeners.open()).containsExactly(listener);
        assertThat(listeners.of("coap")).containsExactly(listener);
        assertThat(listeners.of("mqtt")).isEmpty();
        assertThat(listener.takesDatagrams()).isTrue();
        assertThat(listener.address().getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    void aDatagramBeyondTheLimitIsDroppedAndCountedAndNotCutOff() throws IOException {
        DatagramSettings small = new DatagramSettings(0, "", new ByteSize(64), new ByteSize(1 << 20));
        Listener listener = transport.listenDatagrams("coap", small, echo);

        send(listener, "x".repeat(65));
        send(listener, "y".repeat(64));

        assertThat(receive()).isEqualTo("y".repeat(64));
        assertThat(echo.received).hasSize(1);
        assertThat(metrics.text())
                .contains("millrace_listener_dropped_datagrams{listener=\"coap\",reason=\"too-large\"} 1");
    }

    @Test
    void anExceptionOfThePluginCostsOnlyTheDatagramThatCausedIt() throws IOException {
        Listener listener = transport.listenDatagrams("coap", ANY_PORT, echo);

        send(listener, "!");
        send(listener, "fine");

        assertThat(receive()).isEqualTo("fine");
        assertThat(metrics.text())
                .contains("millrace_listener_dropped_datagrams{listener=\"coap\",reason=\"failed\"} 1");
    }

    @Test
    void whatIsWrittenBeyondTheLimitIsDropped() {
        DatagramCount count = new DatagramCount();
        EmbeddedChannel channel = new EmbeddedChannel(new DatagramGuard("coap", "coap", 64, count));
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        DatagramPacket packet =
                new DatagramPacket(Unpooled.buffer().writeByte(1), new InetSocketAddress("127.0.0.1", 9));

        ChannelFuture written = channel.writeAndFlush(packet);

        assertThat(written.cause()).isInstanceOf(IOException.class).hasMessageContaining("dropped");
        assertThat(packet.refCnt()).isZero();
        assertThat(count.unsent.sum()).isEqualTo(1);
        assertThat(count.sent.sum()).isZero();
        channel.close();
    }

    @Test
    void withoutAuthenticationOnlyLoopbackIsListenedOn() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> transport.listenDatagrams("coap", DatagramSettings.at(0, "::"), echo))
                .withMessageStartingWith("coap.bind: ")
                .withMessageContaining("auth.users")
                .withMessageContaining("auth.allow-anonymous")
                .withMessageNotContaining("client-ca");
    }

    @Test
    void withAuthenticationOtherAddressesAreListenedOn() throws IOException {
        try (PluginTransport open =
                listeners(new BindRule("127.0.0.1", true, false)).plugin("coap")) {
            Listener listener = open.listenDatagrams("coap", DatagramSettings.at(0, "0.0.0.0"), echo);

            assertThat(listener.address().getAddress().isAnyLocalAddress()).isTrue();
        }
    }

    @Test
    void aTakenPortIsReportedWithTheRemedy() throws IOException {
        int port = transport.listenDatagrams("coap", ANY_PORT, echo).address().getPort();

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> transport.listenDatagrams("coap-2", DatagramSettings.at(port, ""), new Echo()))
                .withMessageStartingWith("cannot bind 127.0.0.1:" + port + ", address in use")
                .withMessageContaining("coap.port");
    }

    @Test
    void tlsIsRefusedRatherThanIgnored() {
        ListenerSettings secured =
                new ListenerSettings(0, "", 1, Duration.ofSeconds(1), new TlsSettings("cert.pem", "key.pem", ""));

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> transport.listenDatagrams("coap", secured, echo))
                .withMessageContaining("tls.certificate");
    }

    @Test
    void aPluginsEndClosesTheListenerAndFreesItsNameAndPort() throws IOException {
        Listener listener = transport.listenDatagrams("coap", ANY_PORT, echo);

        transport.close();

        assertThat(listeners.open()).isEmpty();
        assertThat(metrics.text()).doesNotContain("listener=");
        new DatagramSocket(listener.address()).close();
        assertThatIllegalStateException().isThrownBy(() -> transport.listenDatagrams("coap", ANY_PORT, new Echo()));
    }

    @Test
    void closingTheListenerEndsItBeforeThePluginEnds() throws IOException {
        Listener listener = transport.listenDatagrams("coap", ANY_PORT, echo);

        listener.close();

        await().untilAsserted(() -> new DatagramSocket(listener.address()).close());
        assertThat(listeners.of("coap")).isEmpty();
    }

    private static final class Echo extends SimpleChannelInboundHandler<DatagramPacket> {
        final List<String> received = new CopyOnWriteArrayList<>();

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            String text = packet.content().toString(StandardCharsets.US_ASCII);
            if (text.equals("!")) {
                throw new IllegalStateException("a defect");
            }
            received.add(text);
            ctx.writeAndFlush(new DatagramPacket(packet.content().retain(), packet.sender()));
        }
    }
}
