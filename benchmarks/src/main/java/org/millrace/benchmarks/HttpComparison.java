package org.millrace.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * HTTP beside its yardsticks, in one run and by turns: a bare {@link HelloWorld} on Netty and, if they are running,
 * other servers that take the same requests. See {@link HttpComparisonOptions} for what can be chosen.
 *
 * <p>Writes are compared by what they promise: those acknowledged when they are on disk, and those acknowledged before,
 * for which another server needs a second process with a setting of its own.
 */
public final class HttpComparison {
    /** A record. */
    static final String JSON = "{\"name\":\"n000\",\"value\":21.5,\"unit\":\"C\",\"text\":\"0123456789abcdef\"}";

    private static final int GROUP = 100;
    private static final int FILLING = 256;
    private static final String TABLE = "Thing";
    private static final String EARLY = "Early";

    private final PrintStream table = System.out;
    private final HttpComparisonOptions options;
    private final HttpPeer hello;
    private final HttpPeer millrace;
    private final List<HttpPeer> others = new ArrayList<>();
    private final List<HttpPeer> earlyOthers = new ArrayList<>();

    private HttpComparison(HttpComparisonOptions options, HttpPeer hello, HttpPeer millrace) throws IOException {
        this.options = options;
        this.hello = hello;
        this.millrace = millrace;
        if (!options.other().isEmpty()) {
            others.add(HttpPeer.of("other", options.other()));
        }
        if (!options.early().isEmpty()) {
            earlyOthers.add(HttpPeer.of("other", options.early()));
        }
    }

    /**
     * Runs all rows.
     *
     * @param arguments see {@link HttpComparisonOptions}
     * @throws IOException if a server cannot be started or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        HttpComparisonOptions options;
        try {
            options = HttpComparisonOptions.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(HttpComparisonOptions.USAGE);
            System.exit(2);
            return;
        }
        Path data = Files.createTempDirectory("millrace-benchmark");
        Process hello = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HelloWorld.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (ServerProcess server = ServerProcess.start(options.home(), data)) {
            String line = hello.inputReader().readLine();
            int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            var bare = new HttpPeer("hello", new InetSocketAddress("127.0.0.1", port), TABLE, "", hello.toHandle());
            var ours = new HttpPeer("millrace", server.listener("http"), TABLE, "", server.handle());
            new HttpComparison(options, bare, ours).run();
        } finally {
            hello.destroy();
            Benchmarks.deleteTree(data);
        }
    }

    private void run() throws IOException {
        declare(TABLE, "{\"indexes\":[\"name\"]}");
        declare(EARLY, "{\"indexes\":[\"name\"],\"durability\":\"os\"}");
        fill(millrace);
        if (!options.filled()) {
            for (HttpPeer other : others) {
                fill(other);
            }
        }
        int first = options.connections().getFirst();
        table.printf(
                "%d processors, closed loop, %,d records%n",
                Runtime.getRuntime().availableProcessors(), options.records());
        table.println("| case | connections | server | per second | p50 ms | p99 ms | server CPU s per million |");
        table.println("|---|---|---|---|---|---|---|");
        for (int round = 0; round < options.rounds(); round++) {
            for (HttpPeer peer : with(others, hello, millrace)) {
                row("GET", first, peer, n -> peer.get(id(n)));
            }
            for (int connections : options.connections()) {
                for (HttpPeer peer : with(others, hello, millrace)) {
                    row("PUT, on disk", connections, peer, n -> peer.put(id(n), json(n)));
                }
            }
            for (int connections : options.connections()) {
                for (HttpPeer peer : with(earlyOthers, millrace.with(EARLY))) {
                    row("PUT, on disk later", connections, peer, n -> peer.put(id(n), json(n)));
                }
            }
            for (HttpPeer peer : with(others, millrace)) {
                row("query", first, peer, n -> peer.get("?name=n" + scatter(n) % groups()));
            }
        }
    }

    private static List<HttpPeer> with(List<HttpPeer> others, HttpPeer... own) {
        List<HttpPeer> all = new ArrayList<>(List.of(own));
        all.addAll(others);
        return all;
    }

    private static String id(long n) {
        return "r" + n;
    }

    private int groups() {
        return Math.max(1, options.records() / GROUP);
    }

    private String json(long n) {
        return JSON.replace("n000", "n" + n % groups());
    }

    /** Spreads numbers over the records, so that neighbours in time are none in the table. */
    private long scatter(long n) {
        return Math.floorMod(n * 2_654_435_761L, (long) options.records());
    }

    private void declare(String name, String definition) throws IOException {
        HttpPeer tables = millrace.with("$sys/tables");
        once(tables, 1, n -> tables.put(name, definition));
    }

    private void fill(HttpPeer peer) throws IOException {
        once(peer, options.records(), n -> peer.put(id(n), json(n)));
    }

    private static void once(HttpPeer peer, int count, LongFunction<byte[]> requests) throws IOException {
        long[] next = {0};
        List<HttpLoad> load = new ArrayList<>();
        for (int c = 0; c < Math.min(count, FILLING); c++) {
            load.add(new HttpLoad(peer.address(), () -> requests.apply(next[0]++ % count), 2));
        }
        try (LoadLoop loop = LoadLoop.over(load)) {
            for (long done = 0; done < count; ) {
                done += loop.run(50).answers();
            }
        }
    }

    private void row(String name, int connections, HttpPeer peer, LongFunction<byte[]> requests) throws IOException {
        if (!options.wants(name)) {
            return;
        }
        long[] next = {1};
        List<HttpLoad> load = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            load.add(new HttpLoad(peer.address(), () -> requests.apply(scatter(next[0]++)), 2));
        }
        try (LoadLoop loop = LoadLoop.over(load)) {
            loop.run(options.millis() / 2);
            double cpu = peer.cpuSeconds();
            Measurement m = loop.run(options.millis());
            table.printf(
                    "| %s | %d | %s | %,.0f | %.2f | %.2f | %.1f |%n",
                    name,
                    connections,
                    peer.name(),
                    m.perSecond(),
                    m.millisAt(50),
                    m.millisAt(99),
                    (peer.cpuSeconds() - cpu) * 1e6 / Math.max(1, m.answers()));
            table.flush();
        }
    }
}
