package org.millrace.host.table;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.query.Relationship;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.WriteRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The definitions of all tables, and what they mean for writes. Whoever got the acknowledgement of a definition finds his
 * next write treated by it; writes that are already under way may still follow the one before.
 *
 * <p>Safe for use by any thread; nothing here blocks.
 */
public final class TableCatalog {
    /** What the paths of definitions begin with. */
    public static final String PREFIX = "$sys/tables/";

    /** Definitions are kept in memory, so there is an end to them. */
    private static final int MOST_TABLES = 10_000;

    private static final Logger log = LoggerFactory.getLogger(TableCatalog.class);

    private final boolean mustBeDeclared;
    private final Clock clock;
    private volatile BiConsumer<String, Set<AttributePath>> indexed = (_, _) -> {};
    private final Map<String, RecordSchema> proposed = new ConcurrentHashMap<>();
    private final Map<String, TableDefinition> tables = new ConcurrentHashMap<>();

    /**
     * Starts without definitions.
     *
     * @param mustBeDeclared whether records are refused in tables that have none
     * @param clock tells when records begin to live
     */
    public TableCatalog(boolean mustBeDeclared, Clock clock) {
        this.mustBeDeclared = mustBeDeclared;
        this.clock = clock;
    }

    /**
     * Takes a definition that was stored in an earlier run. One that cannot be read is reported in the log and left
     * out.
     *
     * @param stored a record under {@link #PREFIX}
     */
    public void load(Entry stored) {
        try {
            tables.put(name(stored.path()), TableDefinition.of(stored.path(), stored.content()));
        } catch (ResourceException e) {
            log.warn(
                    "The definition of a table cannot be read; the table has none until it is written anew: {}",
                    e.getMessage());
        }
    }

    /**
     * Whether a table has a definition.
     *
     * @param table its name
     * @return true if it has
     */
    public boolean isDeclared(String table) {
        return tables.containsKey(table);
    }

    /**
     * The relationships of a table.
     *
     * @param table its name
     * @return by name; empty if there are none
     */
    public Map<String, Relationship> relationships(String table) {
        TableDefinition definition = tables.get(table);
        return definition == null ? Map.of() : definition.relationships();
    }

    /**
     * How long changes of tables are to be kept at least.
     *
     * @return by table; those that say nothing of it are not in it
     */
    public Map<String, Duration> histories() {
        Map<String, Duration> histories = new HashMap<>();
        tables.forEach((table, definition) -> definition.history().ifPresent(history -> histories.put(table, history)));
        return histories;
    }

    /**
     * Whether a path is a table's definition.
     *
     * @param path any
     * @return true under {@link #PREFIX}
     */
    public static boolean isDefinition(Path path) {
        return path.isSystem() && path.toString().startsWith(PREFIX);
    }

    /**
     * Checks a write against the definitions and gives it what they say.
     *
     * @param write as the client asked for it
     * @return the same, or with the table's time to live
     * @throws ResourceException {@link ErrorCode#INVALID} for a definition that is wrong, {@link ErrorCode#UNSUPPORTED}
     *     for a patch of one, {@link ErrorCode#NOT_FOUND} for a record in a table that had to be declared
     */
    public Write admit(Write write) {
        if (isDefinition(write.path())) {
            checkDefinition(write);
            return write;
        }
        return switch (write) {
            case Write.Put(Path path, var content, WriteOptions options) -> {
                check(path, content);
                WriteOptions lasting = lasting(path, options);
                yield lasting == options ? write : new Write.Put(path, content, lasting);
            }
            case Write.Patch(Path path, var patch, WriteOptions options) -> {
                WriteOptions lasting = lasting(path, options);
                yield lasting == options ? write : new Write.Patch(path, patch, lasting);
            }
            case Write.Delete _, Write.Publish _ -> write;
        };
    }

    /**
     * Checks a record against the schema of its table, and against one that is about to be declared. Takes time in
     * proportion to the content, but does not block.
     *
     * @param path the record
     * @param content what it is to be
     * @throws ResourceException {@link ErrorCode#INVALID} naming the JSON pointer of what is wrong, and the rule
     */
    public void check(Path path, Content content) {
        if (path.isSystem() || tables.isEmpty() && proposed.isEmpty()) {
            return;
        }
        TableDefinition definition = tables.get(path.table());
        if (definition != null && definition.schema().isPresent()) {
            definition.schema().get().check(path, content);
        }
        RecordSchema coming = proposed.isEmpty() ? null : proposed.get(path.table());
        if (coming != null) {
            coming.check(path, content);
        }
    }

    /**
     * The schema that a write would give to a table, if it is another than the table has.
     *
     * @param write admitted
     * @return empty if the write changes no schema, or takes one away
     */
    public Optional<RecordSchema> newSchema(Write write) {
        if (!isDefinition(write.path()) || !(write instanceof Write.Put put)) {
            return Optional.empty();
        }
        Optional<RecordSchema> asked =
                TableDefinition.of(put.path(), put.content()).schema();
        TableDefinition present = tables.get(name(put.path()));
        return present != null && present.schema().equals(asked) ? Optional.empty() : asked;
    }

    /**
     * Holds new records to a schema while it is looked whether those that are there fulfil it.
     *
     * @param definition where the schema is to be declared
     * @param schema the schema
     * @throws ResourceException {@link ErrorCode#CONFLICT} if another one is being looked at
     */
    public void propose(Path definition, RecordSchema schema) {
        if (proposed.putIfAbsent(name(definition), schema) != null) {
            throw new ResourceException(
                    ErrorCode.CONFLICT,
                    "'" + definition + "': another schema is being checked against the table's records; try again"
                            + " when that is done");
        }
    }

    /**
     * Ends what {@link #propose} began.
     *
     * @param definition where the schema was to be declared
     */
    public void withdraw(Path definition) {
        proposed.remove(name(definition));
    }

    /**
     * Checks that a record's table is declared where it has to be.
     *
     * @param path the record
     * @throws ResourceException {@link ErrorCode#NOT_FOUND} if it is not
     */
    public void requireDeclared(Path path) {
        if (mustBeDeclared && !path.isSystem() && !tables.containsKey(path.table())) {
            throw new ResourceException(
                    ErrorCode.NOT_FOUND,
                    "table '" + path.table() + "' is not declared, and this host has tables.create: declared; put"
                            + " a definition, {} at least, to '" + PREFIX + path.table() + "'");
        }
    }

    private WriteOptions lasting(Path path, WriteOptions options) {
        if (path.isSystem() || (tables.isEmpty() && !mustBeDeclared)) {
            return options;
        }
        TableDefinition definition = tables.get(path.table());
        if (definition == null) {
            requireDeclared(path);
            return options;
        }
        return definition.ttl().isPresent() && options.expiresAt().equals(WriteOptions.NEVER)
                ? options.withExpiresAt(clock.instant().plus(definition.ttl().get()))
                : options;
    }

    private void checkDefinition(Write write) {
        String name = name(write.path());
        switch (write) {
            case Write.Put put -> {
                if (!put.options().expiresAt().equals(WriteOptions.NEVER)) {
                    throw invalid(put.path(), "a table's definition cannot expire; write it without an expiry");
                }
                if (!tables.containsKey(name) && tables.size() >= MOST_TABLES) {
                    throw new ResourceException(
                            ErrorCode.QUOTA_EXCEEDED,
                            "there are " + MOST_TABLES + " table definitions; delete one that is not needed");
                }
                var _ = TableDefinition.of(put.path(), put.content());
            }
            case Write.Patch patch ->
                throw new ResourceException(
                        ErrorCode.UNSUPPORTED,
                        "'" + patch.path() + "': a table's definition cannot be patched; put the whole of it");
            case Write.Delete _ -> {}
            case Write.Publish publish ->
                throw invalid(publish.path(), "a table's definition is no place for messages");
        }
    }

    private static String name(Path path) {
        String name = path.toString().substring(PREFIX.length());
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.startsWith("$")) {
            throw invalid(path, "'" + name + "' cannot be a table's name: it has no '/', and '$' is the system's");
        }
        return name;
    }

    private static ResourceException invalid(Path path, String what) {
        return new ResourceException(ErrorCode.INVALID, "'" + path + "': " + what);
    }

    /**
     * What a change that leaves it to its table must have survived.
     *
     * @param path the record
     * @return {@link Durability#FSYNC} or {@link Durability#OS}
     */
    public Durability durability(Path path) {
        TableDefinition definition = tables.isEmpty() ? null : tables.get(path.table());
        return definition == null ? Durability.FSYNC : definition.durability();
    }

    /**
     * Sees to it that definitions among admitted writes take effect when they are done, in the order in which they are,
     * and before the client is told.
     *
     * @param writes admitted
     * @param outcome what the client waits for
     * @return the outcome to hand to the store
     */
    public WriteRequest.Outcome declaring(List<Write> writes, WriteRequest.Outcome outcome) {
        for (Write write : writes) {
            if (isDefinition(write.path())) {
                return new Declaring(List.copyOf(writes), outcome);
            }
        }
        return outcome;
    }

    /**
     * Lets definitions among changes that another node has decided take effect.
     *
     * @param changes in order, as they were taken over; called by the writer thread
     */
    public void replicated(List<Change> changes) {
        for (Change change : changes) {
            if (!isDefinition(change.path()) || !change.kind().altersRecord()) {
                continue;
            }
            try {
                TableDefinition definition = change.content().isPresent()
                        ? TableDefinition.of(change.path(), change.content().get())
                        : null;
                set(name(change.path()), definition);
            } catch (ResourceException e) {
                log.warn(
                        "The definition of a table that another node has taken cannot be used here; bring all nodes to"
                                + " the same release: {}",
                        e.getMessage());
            }
        }
    }

    private void take(Write write) {
        if (isDefinition(write.path())) {
            TableDefinition definition =
                    write instanceof Write.Put put ? TableDefinition.of(put.path(), put.content()) : null;
            set(name(write.path()), definition);
        }
    }

    /**
     * Sets who is told which indexes a table has, now and whenever that may have changed.
     *
     * @param told called by the writer thread, so it must only hand over
     */
    public void onIndexes(BiConsumer<String, Set<AttributePath>> told) {
        indexed = told;
        tables.forEach((table, definition) -> told.accept(table, definition.indexes()));
    }

    private void set(String table, @Nullable TableDefinition definition) {
        if (definition == null) {
            tables.remove(table);
            log.info("Table '{}' is no longer declared", table);
        } else {
            tables.put(table, definition);
            log.info("Table '{}' is declared: {}", table, definition);
        }
        indexed.accept(table, definition == null ? Set.of() : definition.indexes());
    }

    private final class Declaring implements WriteRequest.Outcome {
        private final List<Write> writes;
        private final WriteRequest.Outcome next;

        Declaring(List<Write> writes, WriteRequest.Outcome next) {
            this.writes = writes;
            this.next = next;
        }

        @Override
        public void committed(List<Commit> commits) {
            writes.forEach(TableCatalog.this::take);
            next.committed(commits);
        }

        @Override
        public void refused(ResourceException reason) {
            next.refused(reason);
        }
    }
}
