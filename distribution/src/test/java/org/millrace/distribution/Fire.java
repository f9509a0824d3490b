package org.millrace.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/** A host behind a network that is cut at random, and that is killed a number of times while messages arrive. */
final class Fire implements AutoCloseable {
    private final Path data;
    private final int expected;
    private final int kills;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final CuttingProxy proxy;
    private MillraceProcess host;
    private int killed;

    Fire(Path data, int expected, int kills) {
        this.data = data;
        this.expected = expected;
        this.kills = kills;
        this.host = MillraceProcess.start(data);
        this.proxy = new CuttingProxy(host.port("mqtt"));
    }

    int port() {
        return proxy.port();
    }

    long seed() {
        return seed;
    }

    /** What to know of a run that went wrong. */
    String story() {
        return "seed " + seed + ", " + killed + " kills";
    }

    /** Goes on until all has arrived, a client has failed, or time is over. */
    void rage(BooleanSupplier done, IntSupplier arrived, Stream<FireClient> clients, IntSupplier cutsAtOnce)
            throws InterruptedException {
        List<FireClient> all = clients.toList();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(kills > 2 ? 20 : 4);
        while (!done.getAsBoolean()
                && System.nanoTime() < deadline
                && failures(all.stream()).isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(200));
            for (int i = cutsAtOnce.getAsInt(); i > 0; i--) {
                proxy.cutOne(random);
            }
            if (killed < kills && arrived.getAsInt() > (killed + 1L) * expected / (kills + 1)) {
                killed++;
                host.kill();
                host = MillraceProcess.start(data);
                proxy.target(host.port("mqtt"));
            }
        }
    }

    Random random() {
        return random;
    }

    static List<String> failures(Stream<FireClient> clients) {
        return clients.map(FireClient::failure)
                .filter(failure -> !failure.isEmpty())
                .toList();
    }

    @Override
    public void close() throws IOException {
        try {
            proxy.close();
        } finally {
            host.kill();
        }
    }
}
