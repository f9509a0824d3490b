package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Shows what kept MQTT sessions cost: the heap of the host in which their clients come and go, and of one that starts the
 * time until it is ready, and the heap it has in use then and after it has gone through them, with none and with many of
 * them, each with one subscription.
 *
 * <p>Usage: {@code MqttSessions HOME [SESSIONS]}, where HOME is an unpacked distribution and SESSIONS how many there are
 * (100,000 unless given).
 */
public final class MqttSessions {
    private static final int CONNECTIONS_AT_ONCE = 128;

    private final Path home;
    private final int sessions;

    private MqttSessions(Path home, int sessions) {
        this.home = home;
        this.sessions = sessions;
    }

    /**
     * Prints the table.
     *
     * @param arguments see the class
     * @throws IOException if the host does not start or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1) {
            System.err.println("usage: MqttSessions HOME [SESSIONS]");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("mqtt-sessions");
        try {
            new MqttSessions(Path.of(arguments[0]), arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000)
                    .run(folder.resolve("data"));
        } finally {
            Benchmarks.deleteTree(folder);
        }
    }

    private ServerProcess start(Path data) throws IOException {
        return ServerProcess.start(
                home, data, Map.of("mqtt.max-sessions", "" + (sessions + 1), "mqtt.connect-timeout", "120s"));
    }

    private void run(Path data) throws IOException {
        System.out.println("| sessions made and left | per second | heap in use before MiB | after MiB"
                + " | heap bytes a session | one is resumed in ms |");
        System.out.println("|---|---|---|---|---|---|");
        made(data);
        System.out.println();
        System.out.println("| kept sessions | ready after s | heap in use when ready MiB | a minute later MiB"
                + " | CPU s by then | one is resumed in ms |");
        System.out.println("|---|---|---|---|---|---|");
        row(data.resolveSibling("none"), 0);
        row(data, sessions);
    }

    private void made(Path data) throws IOException {
        try (ServerProcess host = start(data)) {
            long before = host.collectedHeap();
            long from = System.nanoTime();
            make(host.listener("mqtt"));
            double seconds = (System.nanoTime() - from) / 1e9;
            long after = host.collectedHeap();
            long resumed = System.nanoTime();
            MqttClients.resume(host.listener("mqtt"), "kept" + sessions / 2).close();
            System.out.printf(
                    "| %,d | %,.0f | %.1f | %.1f | %,d | %.1f |%n",
                    sessions,
                    sessions / seconds,
                    before / 1048576.0,
                    after / 1048576.0,
                    (after - before) / sessions,
                    (System.nanoTime() - resumed) / 1e6);
        }
    }

    private void row(Path data, int kept) throws IOException {
        long from = System.nanoTime();
        try (ServerProcess host = start(data)) {
            double ready = (System.nanoTime() - from) / 1e9;
            double first = host.collectedHeap() / 1048576.0;
            TimeUnit.SECONDS.sleep(60);
            double later = host.collectedHeap() / 1048576.0;
            double cpu = host.cpuTime().toMillis() / 1e3;
            long resumed = System.nanoTime();
            MqttClients.resume(host.listener("mqtt"), "kept" + kept / 2).close();
            System.out.printf(
                    "| %,d | %.2f | %.1f | %.1f | %.1f | %.1f |%n",
                    kept, ready, first, later, cpu, (System.nanoTime() - resumed) / 1e6);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void make(InetSocketAddress address) throws IOException {
        for (int i = 0; i < sessions; i += CONNECTIONS_AT_ONCE) {
            List<SocketChannel> open = new ArrayList<>(CONNECTIONS_AT_ONCE);
            int end = Math.min(sessions, i + CONNECTIONS_AT_ONCE);
            for (int n = i; n < end; n++) {
                SocketChannel channel = SocketChannel.open(address);
                byte[] topic = ("site/" + n % 1_000 + "/device/" + n).getBytes(StandardCharsets.US_ASCII);
                ByteBuffer subscribe = ByteBuffer.allocate(7 + topic.length).put((byte) 0x82);
                subscribe.put((byte) (5 + topic.length)).putShort((short) 1);
                subscribe
                        .putShort((short) topic.length)
                        .put(topic)
                        .put((byte) 1)
                        .flip();
                channel.write(new ByteBuffer[] {MqttClients.connectPacket("kept" + n, false), subscribe});
                open.add(channel);
            }
            for (SocketChannel channel : open) {
                MqttClients.readAnswer(channel, 4 + 5);
                channel.close();
            }
        }
    }
}
