package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WebSocket of an installed host, with Java's client. */
class WebSocketIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    private static WebSocket open(String path, Inbox inbox, String... subprotocols) {
        URI url = URI.create("ws://127.0.0.1:" + host.port("http") + path);
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (subprotocols.length > 0) {
            builder.subprotocols(subprotocols[0]);
        }
        return builder.buildAsync(url, inbox).join();
    }

    @Test
    void changesComeAndMessagesSetTheRecord() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/ws/1?mode=put", inbox);
        Http.put(host, "/ws/1", "application/json", "{\"n\":1}");
        assertThat(inbox.next()).isEqualTo("{\"n\":1}");

        socket.sendText("{\"n\":2}", true).join();
        assertThat(inbox.next()).isEqualTo("{\"n\":2}");
        assertThat(Http.text(Http.get(host, "/ws/1"))).isEqualTo("{\"n\":2}");
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    @Test
    void whatWasSentBeforeIsReadWithoutWaitingForItsAnswer() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/", inbox, "millrace.json");
        int rounds = 200;
        for (int n = 1; n <= rounds; n++) {
            socket.sendText("{\"op\":\"put\",\"path\":\"own/1\",\"value\":" + n + "}", true)
                    .join();
            socket.sendText("{\"id\":" + n + ",\"op\":\"get\",\"path\":\"own/1\"}", true)
                    .join();
        }
        Pattern answer = Pattern.compile("\\{\"id\":(\\d+),\"result\":.*\"value\":(\\d+)}}");
        for (int n = 1; n <= rounds; n++) {
            String message = inbox.next();
            Matcher read = answer.matcher(message);
            assertThat(read.matches()).as(message).isTrue();
            assertThat(Integer.parseInt(read.group(2)))
                    .as(message)
                    .isGreaterThanOrEqualTo(Integer.parseInt(read.group(1)));
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    @Test
    void mqttRunsInsideWebSocket() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/mqtt", inbox, "mqtt");
        assertThat(socket.getSubprotocol()).isEqualTo("mqtt");

        // CONNECT of MQTT 3.1.1 with a clean session and the client id "a", in two frames.
        byte[] connect = HexFormat.of().parseHex("100d00044d5154540402003c000161");
        socket.sendBinary(ByteBuffer.wrap(connect, 0, 5), true).join();
        socket.sendBinary(ByteBuffer.wrap(connect, 5, connect.length - 5), true).join();
        assertThat(inbox.next()).isEqualTo("20020000");
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    /** Keeps what comes: text as it is, binary messages in hexadecimal. */
    private static final class Inbox implements WebSocket.Listener {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        String next() throws InterruptedException {
            String message = messages.poll(20, TimeUnit.SECONDS);
            assertThat(message).as("a message within 20 s").isNotNull();
            return message;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            messages.add(HexFormat.of().formatHex(bytes));
            socket.request(1);
            return null;
        }
    }
}
