package org.millrace.host.resources;

import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.content.Value;
import org.millrace.host.identity.Grants;
import org.millrace.host.table.TableCatalog;
import org.millrace.journal.Journal;
import org.millrace.query.QueryEngine;
import org.millrace.query.QueryLimits;
import org.millrace.query.RecordSource;
import org.millrace.query.TableAccess;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.store.IndexStatus;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;
import org.millrace.subscription.SubscriptionEngine;

/**
 * The host's tree of records: what all views share. It checks no grants; {@link ResourcesView} does. Safe for use by any
 * thread; the parts it is made of are closed by whoever opened them.
 */
public final class ResourceTree {
    private static final int SLICE_DEFINITIONS = 256;
    private static final int SLICE_BYTES = 256 << 10;

    private final RecordStore store;
    private final Journal journal;
    private volatile Consumer<Change> beyond = change -> {};
    private final SubscriptionEngine subscriptions;
    private final WaitingViews waiting;
    private final ContentFormats formats;
    private final SystemResources system;
    private final TableCatalog tables;
    private final CustomResources custom;
    private final Completions completions;
    private final Executor queries;
    private final QueryEngine queryEngine;
    private final TimeOrderedIds ids;
    private final int maxPathBytes;

    /**
     * Brings the parts together.
     *
     * @param store the records
     * @param journal gives places and versions to events that are not journaled
     * @param subscriptions delivers changes
     * @param formats the limits of contents
     * @param system resources that are computed
     * @param tables what is declared of tables
     * @param custom application logic at some paths
     * @param loops the host's event loops, whose views share the way back
     * @param queries reads for queries; may block, refuses when it has too much to do
     * @param queryLimits what one query may cost
     * @param maxPathBytes the longest path a client may name, in UTF-8
     */
    public ResourceTree(
            RecordStore store,
            Journal journal,
            SubscriptionEngine subscriptions,
            ContentFormats formats,
            SystemResources system,
            TableCatalog tables,
            CustomResources custom,
            EventLoopGroup loops,
            Executor queries,
            QueryLimits queryLimits,
            int maxPathBytes) {
        this.store = store;
        this.journal = journal;
        this.subscriptions = subscriptions;
        this.waiting = new WaitingViews(task -> store.whenReady(() -> subscriptions.whenCaughtUp(task)));
        this.formats = formats;
        this.system = system;
        this.tables = tables;
        this.custom = custom;
        this.completions = new Completions(loops);
        this.queries = queries;
        this.queryEngine = new QueryEngine(formats, queryLimits);
        // The hybrid clock never goes back, not even across restarts.
        this.ids = new TimeOrderedIds(() -> journal.clock().next() >>> 16);
        this.maxPathBytes = maxPathBytes;
        store.onAcknowledged(completions::wakeGathered);
        definitions().forEach(tables::load);
        // Indexes of tables whose definition went while the host was going down.
        store.indexes().stream()
                .map(IndexStatus::table)
                .filter(table -> !tables.isDeclared(table))
                .forEach(table -> store.declareIndexes(table, Set.of()));
        tables.onIndexes(store::declareIndexes);
        journal.retainHistory(tables::histories);
        store.requireOfMerged(tables::check);
        system.addFolder("$sys/indexes/", this::indexes);
    }

    /**
     * Opens a client's view.
     *
     * @param pluginId the plugin that serves the client
     * @param who the client
     * @param grants what it may do
     * @param via where it comes from
     * @param executor where completions and deliveries run
     * @param closed told when the view is closed
     * @return the view
     */
    public ResourcesView open(
            String pluginId,
            Identity who,
            Grants grants,
            ConnectionInfo via,
            Executor executor,
            Consumer<ResourcesView> closed) {
        return new ResourcesView(this, pluginId, who, grants, via, executor, closed);
    }

    RecordStore store() {
        return store;
    }

    WaitingViews waiting() {
        return waiting;
    }

    SubscriptionEngine subscriptions() {
        return subscriptions;
    }

    ContentFormats formats() {
        return formats;
    }

    QueryEngine queryEngine() {
        return queryEngine;
    }

    TableCatalog tables() {
        return tables;
    }

    /**
     * Application logic at some paths.
     *
     * @return to be told of what plugins offer
     */
    public CustomResources custom() {
        return custom;
    }

    Executor queries() {
        return queries;
    }

    /** The write of a value into a plugin's store, to go along with a client's write. */
    Write internalWrite(String pluginId, PluginStore.Update update) {
        return InternalRecords.put(
                formats,
                InternalRecords.path(InternalRecords.folder(pluginId, "store"), "key", update.key()),
                update.value());
    }

    Mailbox mailbox(Executor executor) {
        return completions.mailbox(executor);
    }

    String newId() {
        return ids.next();
    }

    Optional<Entry> read(Path path) {
        if (path.isSystem()) {
            Optional<Entry> computed = system.get(path);
            if (computed.isPresent()) {
                return computed;
            }
        }
        StoredEntry stored = store.get(path);
        return stored == null ? Optional.empty() : Optional.of(stored.entry());
    }

    /** The records of a table, slice by slice. */
    TableAccess table(String table) {
        if (TableCatalog.PREFIX.startsWith(table + "/")) {
            return TableAccess.of(new Listed(() -> Stream.concat(system.table(table).stream(), definitions().stream())
                    .sorted(Comparator.comparing(Entry::path))
                    .toList()));
        }
        List<Entry> computed = table.startsWith("$") ? system.table(table) : List.of();
        if (!computed.isEmpty()) {
            return TableAccess.of(new Listed(() -> computed));
        }
        return store.table(table);
    }

    /** How far indexes are, by table and attribute. */
    private SortedMap<String, Value> indexes() {
        SortedMap<String, Value> all = new TreeMap<>();
        for (IndexStatus index : store.indexes()) {
            Map<String, Value> members = new LinkedHashMap<>();
            members.put("state", new Value.Text(index.isReady() ? "ready" : "building"));
            if (!index.isReady()) {
                members.put("done", new Value.Whole(index.indexedRecords()));
                members.put(
                        "records", index.recordsToIndex() < 0 ? Value.NULL : new Value.Whole(index.recordsToIndex()));
            }
            all.put(index.table() + "/" + index.attribute(), new Value.Struct(members));
        }
        return all;
    }

    /** A table small enough to be listed as a whole, when it is first read. Used by one query. */
    private static final class Listed implements RecordSource {
        private final Supplier<List<Entry>> list;
        private @Nullable List<Entry> all;

        Listed(Supplier<List<Entry>> list) {
            this.list = list;
        }

        @Override
        public List<Entry> read(@Nullable Path after, int maxRows) {
            if (all == null) {
                all = list.get();
            }
            return all.stream()
                    .filter(entry -> after == null || entry.path().compareTo(after) > 0)
                    .limit(maxRows)
                    .toList();
        }
    }

    /** The definitions of tables as they are stored: not many, since the catalog has them in memory too. */
    private List<Entry> definitions() {
        ScanRange range = ScanRange.prefix(TableCatalog.PREFIX);
        List<Entry> all = new ArrayList<>();
        Path after = null;
        while (true) {
            List<StoredEntry> slice = store.scan(range, after, SLICE_DEFINITIONS, SLICE_BYTES);
            if (slice.isEmpty()) {
                return all;
            }
            slice.forEach(stored -> all.add(stored.entry()));
            after = slice.getLast().entry().path();
        }
    }

    /**
     * Sets where events that are not journaled go besides this host's subscribers.
     *
     * @param sends them to other nodes; must not wait
     */
    public void beyond(Consumer<Change> sends) {
        beyond = sends;
    }

    /**
     * Delivers an event that is not journaled, now.
     *
     * @param event what subscribers are to be told
     * @param source the client it comes from; empty for the host
     * @return what was made of it
     */
    public Commit publishTransient(Write.Publish event, String source) {
        Version version = new Version(journal.clock().next(), journal.node());
        Cursor cursor = new Cursor(journal.node(), journal.publishedSeq());
        Change change = Change.of(ChangeKind.EVENT, event.path(), version, cursor)
                .content(event.content())
                .properties(event.options().properties())
                .expiresAt(event.options().expiresAt())
                .qos(event.options().qos())
                .source(source)
                .unjournaled()
                .build();
        subscriptions.publishTransient(change);
        beyond.accept(change);
        return new Commit(event.path(), Effect.PUBLISHED, version, cursor);
    }

    /**
     * Tells subscribers what has become of a resource of the system's that is computed and comes and goes. Those that have
     * no demand miss it, as any event that is not journaled.
     *
     * @param path of the resource, which is there or not
     */
    public void passSystem(Path path) {
        Optional<Entry> found = system.followedAt(path);
        Change.Builder change = Change.of(
                        found.isEmpty() ? ChangeKind.DELETE : ChangeKind.PUT,
                        path,
                        new Version(journal.clock().next(), journal.node()),
                        new Cursor(journal.node(), journal.publishedSeq()))
                .qos(Qos.AT_MOST_ONCE)
                .unjournaled();
        found.ifPresent(entry -> change.content(entry.content()));
        subscriptions.publishTransient(change.build());
    }

    /** Refuses a path or filter that is longer than configured. */
    void checkLength(String what, String text) {
        // A char has three bytes of UTF-8 at most, so most texts need no counting.
        if (text.length() * 3L > maxPathBytes && utf8Length(text) > maxPathBytes) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    what + " '" + text.substring(0, Math.min(text.length(), 60)) + "...' has " + utf8Length(text)
                            + " bytes; at most " + maxPathBytes + " are allowed");
        }
    }

    private static int utf8Length(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }

    void checkSize(Write write) {
        switch (write) {
            case Write.Put put -> checkSize(put.content());
            case Write.Patch patch -> checkSize(patch.patch());
            case Write.Publish publish -> checkSize(publish.content());
            case Write.Delete _ -> {}
        }
    }

    private void checkSize(Content content) {
        if (content.size() > formats.maxSize()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the content has " + content.size() + " bytes; at most " + formats.maxSize() + " are allowed");
        }
    }
}
