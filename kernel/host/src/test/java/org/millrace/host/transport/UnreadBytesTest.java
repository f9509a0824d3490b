package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.TlsSettings;

class UnreadBytesTest {
    private static final long LIMIT = 8 << 20;
    private static final int ANSWER = 512 << 10;

    private final MetricRegistry metrics = new MetricRegistry();
    private final List<Socket> clients = new ArrayList<>();
    private EventLoops loops;
    private UnreadBytes unread;
    private PluginTransport transport;
    private Listener listener;

    /** Answers each byte with half a mebibyte of direct unread. */
    private static final class Large extends ChannelInboundHandlerAdapter implements StreamProtocol {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public String name() {
            return "large";
        }

        @Override
        public Set<String> alpn() {
            return Set.of();
        }

        @Override
        public void initialize(Channel channel, ConnectionInfo via) {
            channel.pipeline().addLast(new Large());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            int bytes = ((ByteBuf) message).readableBytes();
            ReferenceCountUtil.release(message);
            for (int i = 0; i < bytes; i++) {
                var _ = context.writeAndFlush(
                        context.alloc().directBuffer(ANSWER).writeZero(ANSWER));
            }
        }
    }

    @BeforeEach
    void listen() throws IOException {
        loops = EventLoops.open(2);
        unread = UnreadBytes.limitedTo(LIMIT);
        transport = new Listeners(loops, new BindRule("127.0.0.1", false, false), metrics, unread).plugin("large");
        TlsSettings plain = new TlsSettings("", "", "");
        listener = transport.listen(
                "large", new ListenerSettings(0, "", 1_000, Duration.ofSeconds(5), plain), new Large());
    }

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        transport.close();
        loops.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(listener.address());
        socket.setSoTimeout(30_000);
        clients.add(socket);
        return socket;
    }

    /** A client that asks for an answer and does not read it. */
    private Socket stall() throws IOException {
        Socket socket = connect();
        socket.getOutputStream().write('x');
        return socket;
    }

    private void fill() throws IOException {
        for (int i = 0; i < 40; i++) {
            stall();
        }
        await().pollInterval(Duration.ofMillis(10)).until(unread::isFull);
    }

    @Test
    void clientsThatReadNothingAreClosedAndTheOthersServed() throws IOException {
        Socket reader = connect();
        fill();

        await().until(() -> unread.ended() > 0);
        await().until(() -> !unread.isFull());

        for (int i = 0; i < 10; i++) {
            reader.getOutputStream().write('x');
            InputStream in = reader.getInputStream();
            assertThat(in.readNBytes(ANSWER)).hasSize(ANSWER);
        }
        assertThat(metrics.text()).contains("millrace_unread_ended_connections " + unread.ended());
    }

    @Test
    void noFurtherConnectionsAreTakenUntilThereIsRoom() throws IOException {
        fill();

        Socket refused = connect();

        assertThat(endsAtOnce(refused)).isTrue();
        await().until(() -> !unread.isFull());
        Socket taken = stall();
        assertThat(taken.getInputStream().readNBytes(ANSWER)).hasSize(ANSWER);
    }

    private static boolean endsAtOnce(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return true;
        }
    }
}
