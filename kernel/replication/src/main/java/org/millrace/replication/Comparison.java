package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out from time to time whether this node holds what the others hold, and takes from them what it lacks. All nodes
 * add up their records as of the same moment; where the sums differ, the records and removals of those ranges are fetched
 * and held against what is here as any change is. Each node repairs itself alone.
 *
 * <p>Records written since that moment are left out. One that is written while the sums are made may make ranges differ
 * that do not; then nothing is found to be repaired.
 *
 * <p>{@link #run} is one thread's work and blocks; the other methods may be called by any thread.
 */
final class Comparison {
    private static final Logger log = LoggerFactory.getLogger(Comparison.class);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final int SLICE = 1_000;
    private static final int SLICE_BYTES = 1 << 20;
    private static final int ANSWER_BYTES = 256 << 10;
    private static final long TURN_MILLIS = 250;

    private final ClusterOptions options;
    private final Own shared;
    private final RecordStore store;
    private final ContentFormats formats;
    private final Peers peers;
    private final Clock clock;
    private final Consumer<List<Change>> told;
    private final AtomicLong repaired = new AtomicLong();
    private volatile Sums sums = Sums.of(0, new TreeHash());

    /**
     * The sums of a moment.
     *
     * @param moment milliseconds since the epoch; 0 for none yet
     * @param hash of the records as of then
     * @param tree what they amount to
     * @param tables what those of each table amount to
     */
    record Sums(long moment, TreeHash hash, long tree, SortedMap<String, Long> tables) {
        static Sums of(long moment, TreeHash hash) {
            return new Sums(moment, hash, hash.ofTree(), hash.ofTables());
        }

        /** As a beat tells it. */
        String told() {
            return moment + ":" + Long.toHexString(tree);
        }
    }

    Comparison(
            ClusterOptions options,
            RecordStore store,
            ContentFormats formats,
            Peers peers,
            Clock clock,
            Consumer<List<Change>> told) {
        this.options = options;
        this.shared = Own.of(options.tables());
        this.store = store;
        this.formats = formats;
        this.peers = peers;
        this.clock = clock;
        this.told = told;
    }

    /** The latest sums. */
    Sums sums() {
        return sums;
    }

    /** Records and removals that were taken over because sums differed. */
    long repaired() {
        return repaired.get();
    }

    /** Answers another node that asks for the sums of a moment, of the tables behind one. */
    byte[] answer(byte[] request) {
        String text = new String(request, StandardCharsets.UTF_8);
        int line = text.indexOf('\n');
        Sums now = sums;
        return line < 0 || !text.substring(0, line).equals(Long.toString(now.moment()))
                ? new byte[] {0} // shorter than any table: of another moment
                : now.hash().tablesAfter(text.substring(line + 1), ANSWER_BYTES);
    }

    /**
     * Compares until told to stop.
     *
     * @param isSettled whether this node has everything that is in the stream
     */
    void run(Connection connection, BooleanSupplier isSettled, BooleanSupplier stopping) throws InterruptedException {
        long every = options.compareEvery().toMillis();
        long settling = Math.min(5_000, every / 4);
        while (!stopping.getAsBoolean()) {
            long moment = clock.millis() / every * every;
            if (moment == sums.moment() || clock.millis() - moment < settling || !isSettled.getAsBoolean()) {
                Thread.sleep(TURN_MILLIS);
                continue;
            }
            Sums made = sum(moment, stopping);
            sums = made;
            compare(connection, made, moment + every, stopping);
        }
    }

    /** Compares with each node that has sums of the same moment, until the next. */
    private void compare(Connection connection, Sums made, long end, BooleanSupplier stopping)
            throws InterruptedException {
        Set<Long> compared = new HashSet<>();
        while (!stopping.getAsBoolean() && clock.millis() < end) {
            for (Peers.Peer peer : peers.all()) {
                boolean isOfSameMoment = peer.sums().startsWith(made.moment() + ":");
                if (isOfSameMoment && peers.isPresent(peer) && compared.add(peer.node())) {
                    try {
                        if (!peer.sums().equals(made.told())) {
                            repair(connection, peer, made, stopping);
                        }
                    } catch (ReplicationException e) {
                        log.warn("The comparison with node '{}' was broken off: {}", peer.name(), e.getMessage());
                    }
                }
            }
            Thread.sleep(TURN_MILLIS);
        }
    }

    private Sums sum(long moment, BooleanSupplier stopping) {
        TreeHash hash = new TreeHash();
        @Nullable Path after = null;
        List<StoredEntry> slice = store.scan(ScanRange.prefix(""), after, SLICE, SLICE_BYTES);
        while (!slice.isEmpty() && !stopping.getAsBoolean()) {
            for (StoredEntry stored : slice) {
                after = stored.entry().path();
                if (shared.isShared(after) && stored.entry().version().epochMillis() <= moment) {
                    hash.add(stored.entry());
                }
            }
            slice = store.scan(ScanRange.prefix(""), after, SLICE, SLICE_BYTES);
        }
        return Sums.of(moment, hash);
    }

    private void repair(Connection connection, Peers.Peer peer, Sums made, BooleanSupplier stopping)
            throws InterruptedException, ReplicationException {
        SortedMap<String, Long> differences = differences(connection, peer, made);
        long ranges = differences.values().stream().mapToLong(Long::bitCount).sum();
        if (ranges == 0) {
            return;
        }
        long taken = 0;
        for (var table : differences.entrySet()) {
            Copying copy = new Copying(
                    connection,
                    options.prefix() + "page." + Long.toHexString(peer.node()),
                    peer.node(),
                    shared,
                    store,
                    formats,
                    told);
            taken += copy.ranges(table.getKey(), table.getValue(), stopping);
        }
        repaired.addAndGet(taken);
        if (taken > 0) {
            log.warn(
                    "This node differed from node '{}' in {} ranges of the tables {}; {} records and removals were"
                            + " taken over from there. Look for disks that lost writes, or absences longer than"
                            + " cluster.tombstones",
                    peer.name(),
                    ranges,
                    differences.keySet().stream().limit(10).toList(),
                    taken);
        } else {
            log.debug("Node '{}' differs in {} ranges, in which this node lacks nothing", peer.name(), ranges);
        }
    }

    /** Which ranges of which tables differ; empty if the other node has other sums by now. */
    private SortedMap<String, Long> differences(Connection connection, Peers.Peer peer, Sums made)
            throws InterruptedException {
        SortedMap<String, Long> all = new TreeMap<>();
        String after = "";
        while (true) {
            Message answer = connection.request(
                    options.prefix() + "sums." + Long.toHexString(peer.node()),
                    (made.moment() + "\n" + after).getBytes(StandardCharsets.UTF_8),
                    ANSWER);
            if (answer == null || answer.getData().length == 1) {
                return new TreeMap<>();
            }
            SortedMap<String, Long> some = made.hash().differences(answer.getData());
            String through = some.isEmpty() ? made.hash().last() : some.lastKey();
            some.forEach((table, bits) -> {
                if (bits != 0 && (table.startsWith("$") || shared.isSharedTable(table))) {
                    all.put(table, bits);
                }
            });
            // What is here and not there at all may have been removed there.
            if (after.compareTo(through) < 0) {
                made.hash().between(after, through).keySet().stream()
                        .filter(table -> !some.containsKey(table))
                        .forEach(table -> all.put(table, -1L));
            }
            if (some.isEmpty()) {
                return all;
            }
            after = through;
        }
    }
}
