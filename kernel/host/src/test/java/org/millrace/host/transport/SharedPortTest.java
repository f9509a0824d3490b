package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.TlsSettings;

class SharedPortTest {
    private static final TlsSettings PLAIN = new TlsSettings("", "", "");
    private static EventLoops loops;

    @TempDir
    Path folder;

    private final Listeners listeners = new Listeners(
            loops, new BindRule("127.0.0.1", false, false), new MetricRegistry(), UnreadBytes.limitedTo(0));
    private Duration patience = Duration.ofSeconds(20);
    private SharedPort port;
    private Listener listener;

    /** Greets, then says everything back under its own name; begins with a word of its own. */
    private record Named(String name) implements StreamProtocol {
        @Override
        public void initialize(Channel channel, ConnectionInfo via) {
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                    ctx.writeAndFlush(text("hello from " + via.protocol() + (via.secure() ? " in secret\n" : "\n")));
                }
            });
            channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                @Override
                protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                    ctx.writeAndFlush(text(name + ":" + bytes.toString(StandardCharsets.US_ASCII)));
                }
            });
        }

        private static ByteBuf text(String text) {
            return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        }

        @Override
        public Recognition recognize(ByteBuf head) {
            String seen = head.toString(StandardCharsets.US_ASCII);
            return seen.startsWith(name) ? Recognition.YES : name.startsWith(seen) ? Recognition.MORE : Recognition.NO;
        }

        @Override
        public Set<String> alpn() {
            return Set.of(name);
        }
    }

    @BeforeAll
    static void openLoops() {
        loops = EventLoops.open(2);
    }

    @AfterAll
    static void closeLoops() {
        loops.close();
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private void open(TlsSettings tls, boolean plainToo, String... protocols) throws IOException {
        port = new SharedPort(patience);
        for (String name : protocols) {
            port.added("plugin-" + name, new Named(name));
        }
        listener = listeners.openShared(new ListenerSettings(0, "", 100, patience, tls), plainToo, port);
    }

    private TlsSettings certificate() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Path chain = Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
        Path key = Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
        return new TlsSettings(chain.toString(), key.toString(), "");
    }

    private Socket connect() throws IOException {
        InetSocketAddress address = listener.address();
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private SSLSocket connectTls(String... alpn) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, io.netty.handler.ssl.util.InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        InetSocketAddress address = listener.address();
        SSLSocket socket =
                (SSLSocket) trusting.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static void expect(Socket socket, String text) throws IOException {
        assertThat(new String(socket.getInputStream().readNBytes(text.length()), StandardCharsets.US_ASCII))
                .isEqualTo(text);
    }

    private static void expectEnd(Socket socket) throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void firstBytesTellTheProtocolAndReachIt() throws Exception {
        open(PLAIN, false, "apple", "apricot");
        try (Socket apple = connect();
                Socket apricot = connect()) {
            send(apricot, "apricot!");
            expect(apricot, "hello from apricot\napricot:apricot!");
            send(apple, "apple pie");
            expect(apple, "hello from apple\napple:apple pie");
        }
    }

    @Test
    void bytesThatComeOneByOneAreWaitedFor() throws Exception {
        open(PLAIN, false, "apple", "apricot");
        try (Socket socket = connect()) {
            for (char c : "apric".toCharArray()) {
                send(socket, String.valueOf(c));
            }
            send(socket, "ot");
            expect(socket, "hello from apricot\napricot:apricot");
        }
    }

    @Test
    void whatNobodyKnowsIsClosed() throws Exception {
        open(PLAIN, false, "apple");
        try (Socket socket = connect()) {
            send(socket, "banana");
            expectEnd(socket);
        }
    }

    @Test
    void whoeverSaysNothingIsClosed() throws Exception {
        patience = Duration.ofMillis(50);
        open(PLAIN, false, "apple");
        try (Socket silent = connect();
                Socket half = connect()) {
            send(half, "app");
            expectEnd(silent);
            expectEnd(half);
        }
    }

    @Test
    void aProtocolThatIsTakenBackLosesItsConnectionsAndOthersGoOn() throws Exception {
        open(PLAIN, false, "apple");
        Named pear = new Named("pear");
        port.added("late", pear);
        try (Socket apples = connect();
                Socket pears = connect()) {
            send(apples, "apple");
            expect(apples, "hello from apple\napple:apple");
            send(pears, "pear");
            expect(pears, "hello from pear\npear:pear");

            port.removed("late", pear);

            expectEnd(pears);
            send(apples, " pie");
            expect(apples, "apple: pie");
            try (Socket late = connect()) {
                send(late, "pear");
                expectEnd(late);
            }
        }
    }

    @Test
    void tlsNegotiatesTheProtocolBeforeTheFirstByte() throws Exception {
        open(certificate(), false, "apple", "pear");
        try (SSLSocket socket = connectTls("pear")) {
            assertThat(socket.getApplicationProtocol()).isEqualTo("pear");
            expect(socket, "hello from pear in secret\n");
        }
    }

    @Test
    void aProtocolThatComesLaterIsNegotiatedToo() throws Exception {
        open(certificate(), false, "apple");
        port.added("late", new Named("pear"));
        try (SSLSocket socket = connectTls("pear")) {
            expect(socket, "hello from pear in secret\n");
        }
    }

    @Test
    void withoutNegotiationFirstBytesTellInTlsToo() throws Exception {
        open(certificate(), false, "apple", "pear");
        try (SSLSocket socket = connectTls()) {
            send(socket, "apple");
            expect(socket, "hello from apple in secret\napple:apple");
        }
    }

    @Test
    void aPortWithACertificateTakesPlainConnectionsOnlyIfAllowed() throws Exception {
        open(certificate(), true, "apple");
        try (Socket plain = connect();
                SSLSocket secure = connectTls("apple")) {
            send(plain, "apple");
            expect(plain, "hello from apple\napple:apple");
            expect(secure, "hello from apple in secret\n");
        }
        listener.close();
        open(certificate(), false, "apple");
        try (Socket plain = connect()) {
            send(plain, "apple");
            assertThat(plain.getInputStream().readAllBytes()).doesNotContain('h');
        }
    }
}
