package org.millrace.host.resources;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.millrace.journal.Journal;
import org.millrace.spi.plugin.DurableCursors;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All durable cursors of all plugins, also of those that are not running, and the part of the journal they keep. Safe for
 * use by any thread.
 */
public final class CursorPins {
    private static final Logger log = LoggerFactory.getLogger(CursorPins.class);
    private static final String ROOT = "$internal/";
    private static final String KIND = "/cursor/";
    /** How many expired cursors the log names at a time. */
    private static final int NAMED = 5;

    private final Journal journal;
    private final InternalRecords records;
    private final Map<String, Map<String, Long>> seen = new ConcurrentHashMap<>();
    private volatile Function<Cursor, Optional<Cursor>> elsewhere = cursor -> Optional.empty();

    private CursorPins(Journal journal, InternalRecords records) {
        this.journal = journal;
        this.records = records;
    }

    /**
     * Reads the stored cursors and keeps what they need. Blocks.
     *
     * @param journal whose history is kept
     * @param records where cursors are stored
     * @return all cursors
     */
    public static CursorPins load(Journal journal, InternalRecords records) {
        CursorPins pins = new CursorPins(journal, records);
        records.forEach(ROOT, (path, value) -> {
            String text = path.toString();
            int kind = text.indexOf('/', ROOT.length());
            if (kind > 0 && text.startsWith(KIND, kind)) {
                String pluginId = text.substring(ROOT.length(), kind);
                try {
                    pins.pin(pluginId, text.substring(kind + KIND.length()), PluginCursors.decode(value));
                } catch (ResourceException e) {
                    log.warn(
                            "{} is no cursor ({}) and keeps nothing; remove plugin {}'s state if it persists",
                            text,
                            e.getMessage(),
                            pluginId);
                }
            }
        });
        return pins;
    }

    /**
     * One plugin's cursors.
     *
     * @param pluginId the plugin
     * @return its access
     */
    public DurableCursors plugin(String pluginId) {
        return new PluginCursors(this, records, pluginId);
    }

    /**
     * Says how cursors of other nodes are found here; without this they are not.
     *
     * @param here gives this node's cursor for another's, if it is known
     */
    public void cursorsFromElsewhere(Function<Cursor, Optional<Cursor>> here) {
        elsewhere = here;
    }

    Optional<Cursor> here(Cursor cursor) {
        return cursor.node() == journal.node() ? Optional.of(cursor) : elsewhere.apply(cursor);
    }

    Cursor head() {
        return new Cursor(journal.node(), journal.publishedSeq());
    }

    /** Keeps what lies behind a cursor; one of another node, or one that has expired, has nothing here to keep. */
    void pin(String pluginId, String name, Cursor cursor) {
        if (isKept(cursor)) {
            ofPlugin(pluginId).put(name, cursor.position());
        }
    }

    /** As {@link #pin}, unless the name has a pin, which then lies further back. */
    void pinIfNew(String pluginId, String name, Cursor cursor) {
        if (isKept(cursor)) {
            ofPlugin(pluginId).putIfAbsent(name, cursor.position());
        }
    }

    private boolean isKept(Cursor cursor) {
        return cursor.node() == journal.node() && cursor.position() >= journal.firstSeq() - 1;
    }

    void unpin(String pluginId, String name) {
        ofPlugin(pluginId).remove(name);
    }

    /**
     * How many cursors keep changes.
     *
     * @return a count that other threads may be altering
     */
    public int count() {
        return seen.values().stream().mapToInt(Map::size).sum();
    }

    /**
     * The place that lies furthest back.
     *
     * @return empty without cursors
     */
    public OptionalLong lowest() {
        return seen.values().stream()
                .mapToLong(CursorPins::lowest)
                .filter(position -> position < Long.MAX_VALUE)
                .min();
    }

    private Map<String, Long> ofPlugin(String pluginId) {
        return seen.computeIfAbsent(pluginId, id -> {
            Map<String, Long> positions = new ConcurrentHashMap<>();
            // Lasts as long as the journal: a plugin that was removed may come back for its cursors.
            var _ = journal.retain(
                    "plugin " + id, () -> lowest(positions), deletedSeq -> expire(id, positions, deletedSeq));
            return positions;
        });
    }

    private static void expire(String pluginId, Map<String, Long> positions, long deletedSeq) {
        int count = 0;
        StringJoiner named = new StringJoiner(", ");
        for (Map.Entry<String, Long> cursor : positions.entrySet()) {
            if (cursor.getValue() < deletedSeq && positions.remove(cursor.getKey(), cursor.getValue())) {
                if (count++ < NAMED) {
                    named.add("'" + cursor.getKey() + "' (at change " + cursor.getValue() + ")");
                }
            }
        }
        log.warn(
                "{} durable cursor(s) of plugin {} have expired and their clients will have to start anew: {}{}",
                count,
                pluginId,
                named,
                count > NAMED ? " and more" : "");
    }

    private static long lowest(Map<String, Long> positions) {
        long lowest = Long.MAX_VALUE;
        for (long position : positions.values()) {
            lowest = Math.min(lowest, position);
        }
        return lowest;
    }
}
