package org.millrace.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * HTTP beside its yardsticks, in one run and by turns: a bare {@link HelloWorld} on Netty and, if one is running, any
 * other server that takes the same requests.
 *
 * <p>Usage: {@code HttpComparison HOME [SECONDS [RECORDS [HOST:PORT:TABLE:AUTHORIZATION [PID]]]]}, where HOME is an unpacked
 * distribution, SECONDS the length of each row (3), RECORDS how many records there are (1,000,000), and the last two name a
 * server started beforehand, for example {@code 127.0.0.1:19926:Thing:Basic YWRtaW46YWRtaW4=}, and its process, for the
 * processor time it takes.
 */
public final class HttpComparison {
    /** A record. */
    static final String JSON = "{\"name\":\"n000\",\"value\":21.5,\"unit\":\"C\",\"text\":\"0123456789abcdef\"}";

    private static final int GROUP = 100;
    private static final int CONNECTIONS = 32;
    private static final int ROUNDS = 2;

    private final PrintStream table = System.out;
    private final long millis;
    private final int records;
    private boolean indexed;

    private HttpComparison(long millis, int records) {
        this.millis = millis;
        this.records = records;
    }

    /** A server under load. */
    private record Peer(
            String name,
            InetSocketAddress address,
            String table,
            String fields,
            @Nullable ProcessHandle process) {
        double cpuSeconds() {
            return process == null
                    ? Double.NaN
                    : process.info()
                            .totalCpuDuration()
                            .map(d -> d.toMillis() / 1e3)
                            .orElse(Double.NaN);
        }
    }

    /**
     * Runs all rows.
     *
     * @param arguments see above
     * @throws IOException if a server cannot be started or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1 || arguments.length > 5) {
            System.err.println("usage: HttpComparison HOME [SECONDS [RECORDS [HOST:PORT:TABLE:AUTHORIZATION [PID]]]]");
            System.exit(2);
        }
        long seconds = arguments.length > 1 ? Long.parseLong(arguments[1]) : 3;
        int records = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1_000_000;
        Path data = Files.createTempDirectory("millrace-benchmark");
        Process hello = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HelloWorld.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (ServerProcess server = ServerProcess.start(Path.of(arguments[0]), data)) {
            String line = hello.inputReader().readLine();
            int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            List<Peer> peers = new ArrayList<>();
            peers.add(new Peer("hello", new InetSocketAddress("127.0.0.1", port), "Thing", "", hello.toHandle()));
            peers.add(new Peer("millrace", server.listener("http"), "Thing", "", server.handle()));
            if (arguments.length > 3) {
                String[] other = arguments[3].split(":", 4);
                peers.add(new Peer(
                        "other",
                        new InetSocketAddress(other[0], Integer.parseInt(other[1])),
                        other[2],
                        "Authorization: " + other[3] + "\r\n",
                        arguments.length > 4
                                ? ProcessHandle.of(Long.parseLong(arguments[4])).orElse(null)
                                : null));
            }
            new HttpComparison(seconds * 1_000, records).run(peers);
        } finally {
            hello.destroy();
            Benchmarks.deleteTree(data);
        }
    }

    private void run(List<Peer> peers) throws IOException {
        table.printf(
                "%d processors, closed loop, %d connections, %,d records%n",
                Runtime.getRuntime().availableProcessors(), CONNECTIONS, records);
        for (Peer peer : peers) {
            if (peer.name.equals("millrace")) {
                indexed = declareIndex(peer);
            }
            if (!peer.name.equals("hello")) {
                fill(peer);
            }
        }
        table.println("| case | server | per second | p50 ms | p99 ms | server CPU s per million |");
        table.println("|---|---|---|---|---|---|");
        for (int round = 0; round < ROUNDS; round++) {
            for (Peer peer : peers) {
                row("GET", peer, n -> request(peer, "GET", id(n), ""));
            }
            for (Peer peer : peers) {
                row("PUT, durable", peer, n -> request(peer, "PUT", id(n), json(n)));
            }
            for (Peer peer : peers) {
                if (peer.name.equals("other") || peer.name.equals("millrace") && indexed) {
                    row(
                            "query of " + GROUP + " by index",
                            peer,
                            n -> request(peer, "GET", "?name=n" + scatter(n) % (records / GROUP), ""));
                }
            }
        }
    }

    private static String id(long n) {
        return "r" + n;
    }

    private String json(long n) {
        return JSON.replace("n000", "n" + n % (records / GROUP));
    }

    /** Spreads numbers over the records, so that neighbours in time are none in the table. */
    private long scatter(long n) {
        return Math.floorMod(n * 2_654_435_761L, (long) records);
    }

    private static byte[] request(Peer peer, String method, String path, String json) {
        String head = method + " /" + peer.table + "/" + path + " HTTP/1.1\r\nHost: localhost\r\n" + peer.fields;
        String body = json.isEmpty()
                ? "\r\n"
                : "Content-Type: application/json\r\nContent-Length: " + json.length() + "\r\n\r\n" + json;
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    /** Has the attribute indexed that the queries ask for; false where tables cannot be declared so. */
    private boolean declareIndex(Peer peer) {
        String definition = "{\"indexes\":[\"name\"]}";
        byte[] request = ("PUT /$sys/tables/Thing HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + definition.length() + "\r\n\r\n" + definition)
                .getBytes(StandardCharsets.US_ASCII);
        try {
            once(peer, 1, n -> request);
            return true;
        } catch (IOException | UncheckedIOException e) {
            table.println("no query by index: " + e.getMessage());
            return false;
        }
    }

    private void fill(Peer peer) throws IOException {
        once(peer, records, n -> request(peer, "PUT", id(n), json(n)));
    }

    private static void once(Peer peer, int count, LongFunction<byte[]> requests) throws IOException {
        long[] next = {0};
        List<HttpLoad> load = new ArrayList<>();
        for (int c = 0; c < Math.min(count, 4 * CONNECTIONS); c++) {
            load.add(new HttpLoad(peer.address, () -> requests.apply(next[0]++ % count), 2));
        }
        try (LoadLoop loop = LoadLoop.over(load)) {
            for (long done = 0; done < count; ) {
                done += loop.run(50).answers();
            }
        }
    }

    private void row(String name, Peer peer, LongFunction<byte[]> requests) throws IOException {
        long[] next = {1};
        List<HttpLoad> load = new ArrayList<>();
        for (int c = 0; c < CONNECTIONS; c++) {
            load.add(new HttpLoad(peer.address, () -> requests.apply(scatter(next[0]++)), 2));
        }
        try (LoadLoop loop = LoadLoop.over(load)) {
            loop.run(millis / 2);
            double cpu = peer.cpuSeconds();
            Measurement m = loop.run(millis);
            table.printf(
                    "| %s | %s | %,.0f | %.2f | %.2f | %.1f |%n",
                    name,
                    peer.name,
                    m.perSecond(),
                    m.millisAt(50),
                    m.millisAt(99),
                    (peer.cpuSeconds() - cpu) * 1e6 / Math.max(1, m.answers()));
            table.flush();
        }
    }
}
