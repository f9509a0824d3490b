package org.millrace.host.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class ControlSocketTest {
    @TempDir
    Path data;

    /** Gives back what it gets. */
    private static final class Echo implements Operation {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
            exchange.progress("line\nbreak \"quoted\"");
            int lines = 0;
            for (byte[] line = exchange.input(); line != null; line = exchange.input()) {
                exchange.output(line);
                lines++;
            }
            if (arguments.containsKey("fail")) {
                throw new ResourceException(ErrorCode.CONFLICT, "no\nway");
            }
            return Map.of("lines", Integer.toString(lines), "said", arguments.getOrDefault("say", ""));
        }
    }

    private static final class Lines implements Operation.Exchange {
        private final List<String> output = new ArrayList<>();
        private final List<String> progress = new ArrayList<>();
        private int left;

        Lines(int count) {
            left = count;
        }

        @Override
        public void progress(String line) {
            progress.add(line);
        }

        @Override
        public void output(byte[] line) {
            output.add(new String(line, StandardCharsets.UTF_8));
        }

        @Override
        public byte[] input() {
            return left-- > 0 ? ("line " + left).getBytes(StandardCharsets.UTF_8) : null;
        }
    }

    private ControlClient connect() throws IOException {
        return ControlClient.connect(data).orElseThrow();
    }

    private AutoCloseable open(Operation... operations) {
        return ControlSocket.open(data, List.of(operations), 1 << 20);
    }

    @Test
    void linesGoBothWaysAtOnce() throws Exception {
        try (AutoCloseable socket = open(new Echo());
                ControlClient client = connect()) {
            Lines lines = new Lines(50_000);
            assertThat(client.run("echo", Map.of("say", "ä\n\"x\""), true, lines))
                    .containsEntry("lines", "50000")
                    .containsEntry("said", "ä\n\"x\"");
            assertThat(lines.output).hasSize(50_000).startsWith("line 49999").endsWith("line 0");
            assertThat(lines.progress).containsExactly("line\nbreak \"quoted\"");
        }
    }

    @Test
    void aFailureIsToldInItsOwnWords() throws Exception {
        try (AutoCloseable socket = open(new Echo());
                ControlClient client = connect()) {
            assertThatExceptionOfType(OperationFailedException.class)
                    .isThrownBy(() -> client.run("echo", Map.of("fail", ""), true, new Lines(0)))
                    .withMessage("no\nway");
        }
    }

    @Test
    void anUnknownOperationIsRefusedWithThoseThatAreKnown() throws Exception {
        try (AutoCloseable socket = open(new Echo());
                ControlClient client = connect()) {
            assertThatExceptionOfType(OperationFailedException.class)
                    .isThrownBy(() -> client.run("dance", Map.of(), false, new Lines(0)))
                    .withMessageContaining("no operation 'dance', only echo");
        }
    }

    @Test
    void onlyTheHostsUserCanReachIt() throws Exception {
        try (AutoCloseable socket = open(new Echo())) {
            Path folder = data.resolve("control");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("socket"))))
                    .isEqualTo("rw-------");
        }
        assertThat(data.resolve("control").resolve("socket")).doesNotExist();
    }

    @Test
    void aSocketLeftBehindByAKilledHostIsNoHost() throws Exception {
        assertThat(ControlClient.connect(data)).isEmpty();
        AutoCloseable first = open(new Echo());
        Path socket = data.resolve("control").resolve("socket");
        Path kept = data.resolve("control").resolve("kept");
        Files.createLink(kept, socket);
        first.close();
        Files.move(kept, socket);
        // The system lets go of a closed socket once the thread that accepted from it has noticed.
        await().untilAsserted(() -> assertThat(ControlClient.connect(data)).isEmpty());
        try (AutoCloseable second = open(new Echo());
                ControlClient client = connect()) {
            assertThat(client.run("echo", Map.of(), true, new Lines(1))).containsEntry("lines", "1");
        }
    }

    @Test
    void aDataDirectoryWithALongNameHasItsSocketElsewhere() throws Exception {
        Path deep = Files.createDirectories(data.resolve("d".repeat(120)));
        try (AutoCloseable socket = ControlSocket.open(deep, List.of(new Echo()), 1 << 20);
                ControlClient client = ControlClient.connect(deep).orElseThrow()) {
            assertThat(client.run("echo", Map.of(), true, new Lines(1))).containsEntry("lines", "1");
        }
        assertThat(ControlClient.connect(deep)).isEmpty();
        assertThat(deep.resolve("control")).isEmptyDirectory();
    }

    @Test
    void nonsenseEndsTheConversationAndNothingElse() throws Exception {
        try (AutoCloseable socket = open(new Echo())) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(
                        UnixDomainSocketAddress.of(data.resolve("control").resolve("socket")));
                channel.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                assertThat(channel.read(ByteBuffer.allocate(100))).isEqualTo(-1);
            }
            try (ControlClient client = connect()) {
                assertThat(client.run("echo", Map.of(), true, new Lines(1))).containsEntry("lines", "1");
            }
        }
    }

    @Test
    void closingEndsConversationsUnderWay() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Operation waiting = new Operation() {
            @Override
            public String name() {
                return "wait";
            }

            @Override
            public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
                begun.countDown();
                exchange.input();
                return Map.of();
            }
        };
        AutoCloseable socket = open(waiting);
        try (ControlClient client = connect()) {
            Thread closer = Thread.ofPlatform().start(() -> {
                try {
                    begun.await();
                    socket.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.run("wait", Map.of(), false, new Lines(0)));
            closer.join();
        }
    }
}
