package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that is sent away while it still sends gets to read why, over TLS as in the clear: the host does not answer what
 * it leaves unread with a reset, which would destroy its last words.
 */
class FarewellIT {
    /** More than the buffers of both systems hold. */
    private static final int REST = 16 << 20;

    @TempDir
    static Path folder;

    private static MillraceProcess host;

    @BeforeAll
    static void start() throws Exception {
        Certificates.make(folder);
        host = MillraceProcess.start(
                folder.resolve("data"),
                "--set",
                "http.tls.certificate=" + folder.resolve("server.pem"),
                "--set",
                "http.tls.key=" + folder.resolve("server.key"));
    }

    @AfterAll
    static void stop() {
        assertThat(host.log()).doesNotContain(" ERROR ");
        assertThat(host.stop()).isZero();
    }

    private static SSLSocket connect(String version, String protocol) throws GeneralSecurityException, IOException {
        TrustManager everybody = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String how) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String how) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {everybody}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", host.port("http"));
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        parameters.setProtocols(new String[] {version});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo(protocol);
        return socket;
    }

    private static byte[] frame(int type, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) 0)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void goAwayIsReadOverTlsByAClientThatGoesOnSending(String version) throws Exception {
        try (SSLSocket socket = connect(version, "h2")) {
            OutputStream out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(frame(4, 0, new byte[0]));
            // A PING of a wrong length ends the connection; what follows is not read any more.
            out.write(frame(6, 0, new byte[6]));
            byte[] more = frame(0, 1, new byte[16_384]);
            for (int sent = 0; sent < REST; sent += more.length) {
                out.write(more);
            }
            InputStream in = socket.getInputStream();
            while (true) {
                byte[] head = in.readNBytes(9);
                assertThat(head).as("the head of a frame before the end").hasSize(9);
                byte[] payload = in.readNBytes((head[1] & 0xff) << 8 | head[2] & 0xff);
                if (head[3] == 7) {
                    assertThat(ByteBuffer.wrap(payload).getInt(4))
                            .as("FRAME_SIZE_ERROR")
                            .isEqualTo(6);
                    break;
                }
            }
        }
    }

    @Test
    void refusalIsReadOverTlsByAClientThatGoesOnSending() throws Exception {
        try (SSLSocket socket = connect("TLSv1.3", "http/1.1")) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /t/1 HTTP/1.1\r\nHost: x\r\nContent-Length: " + (100 << 20) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] part = new byte[64 * 1024];
            for (int sent = 0; sent < REST; sent += part.length) {
                out.write(part);
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            assertThat(answer.toString(StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("urn:millrace:problem:too-large");
        }
    }

    @Test
    void aClientThatComesWithoutTlsIsToldTo() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", host.port("http"))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("PUT /t/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n123"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("this port speaks TLS");
        }
        assertThat(host.log()).contains("began without TLS, the last of 127.0.0.1:");
    }
}
