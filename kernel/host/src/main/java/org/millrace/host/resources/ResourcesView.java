package org.millrace.host.resources;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.millrace.host.identity.Act;
import org.millrace.host.identity.Grants;
import org.millrace.host.table.TableCatalog;
import org.millrace.query.JoinedTables;
import org.millrace.query.LiveCondition;
import org.millrace.query.ParsedQuery;
import org.millrace.query.QueryParser;
import org.millrace.query.RowSlice;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.subscription.SubscriptionEngine;

/**
 * One client's authorised view. Safe for use by any thread. Its own state is what it has open: subscriptions, queries,
 * and whoever waits for the store to have room.
 */
public final class ResourcesView implements Resources {
    private final ResourceTree tree;
    private final String pluginId;
    private final Identity identity;
    private final Grants grants;
    private final Caller caller;
    private final Executor executor;
    private final ViewWrites writes;
    private final Consumer<ResourcesView> onClose;
    private final Predicate<Path> mayRead;
    private final Predicate<Path> mayFollow;
    private final Set<ViewSubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final Set<TableScan> scans = ConcurrentHashMap.newKeySet();
    private final RoomAhead room;
    private volatile boolean closed;

    ResourcesView(
            ResourceTree tree,
            String pluginId,
            Identity identity,
            Grants grants,
            ConnectionInfo via,
            Executor executor,
            Consumer<ResourcesView> onClose) {
        this.tree = tree;
        this.pluginId = pluginId;
        this.identity = identity;
        this.grants = grants;
        this.caller = new Caller(identity, via);
        this.executor = executor;
        Mailbox mailbox = tree.mailbox(executor);
        this.writes = new ViewWrites(tree, pluginId, caller, executor, mailbox);
        this.room = new RoomAhead(tree, writes, mailbox);
        this.onClose = onClose;
        this.mayRead = path -> grants.allows(Act.READ, path);
        this.mayFollow = path -> grants.allows(Act.SUBSCRIBE, path);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public CompletionStage<Optional<Entry>> get(Path path) {
        try {
            check(Act.READ, path);
            Optional<Entry> stored = tree.read(path);
            if (!tree.custom().concern(path, pluginId)) {
                return CompletableFuture.completedStage(stored);
            }
            CompletableFuture<Optional<Entry>> read = tree.custom().read(path, stored, caller, pluginId);
            return read.isDone() ? read : read.whenCompleteAsync((_, _) -> {}, executor);
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public CompletionStage<Commit> write(Write write) {
        try {
            check(write);
            return writes.write(write);
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public CompletionStage<Commit> write(Write write, PluginStore.Update beside) {
        try {
            check(write);
            return writes.write(write, beside);
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public CompletionStage<List<Commit>> transact(List<Write> all) {
        return transact(all, List.of());
    }

    @Override
    public CompletionStage<List<Commit>> transact(List<Write> all, List<PluginStore.Update> beside) {
        try {
            if (all.isEmpty() && beside.isEmpty()) {
                throw new ResourceException(ErrorCode.INVALID, "a transaction needs at least one write");
            }
            all.forEach(this::check);
            return writes.transact(List.copyOf(all), beside);
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public CompletionStage<Commit> post(String table, Content content, WriteOptions options) {
        try {
            return new Posting(table, content, options, tree::newId, this::write).begin();
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public void query(Query query, Flow.Subscriber<? super Row> rows) {
        ResourceException refusal = null;
        TableScan.Source source = _ -> new RowSlice(List.of(), true);
        try {
            checkQuery(query);
            Path after = query.after().isEmpty() ? null : Path.of(query.table(), query.after());
            ParsedQuery parsed = QueryParser.parse(query.expression()).limitedTo(query.limit());
            source = new PlannedQuery(() -> tree.queryEngine()
                    .start(query.table(), parsed, tree.table(query.table()), joined(), after, mayRead));
        } catch (ResourceException e) {
            refusal = e;
        }
        TableScan scan = new TableScan(source, query.limit(), tree.queries(), executor, rows, scans::remove);
        if (refusal != null) {
            scan.refuse(refusal);
            return;
        }
        scans.add(scan);
        scan.start();
        if (closed) {
            scan.cancel();
        }
    }

    private void checkQuery(Query query) {
        requireOpen();
        TopicFilter table;
        try {
            table = TopicFilter.exactly(Path.of(query.table(), ""));
        } catch (ResourceException e) {
            throw new ResourceException(e.code(), "no table has such a name: " + e.getMessage());
        }
        tree.checkLength("table", query.table());
        requireReadable(query.table(), table);
    }

    private void requireReadable(String table, TopicFilter alone) {
        if (!grants.allowsSome(Act.READ, alone) && !grants.allowsSome(Act.READ, TopicFilter.table(table))) {
            throw forbidden(Act.READ, table + "/#");
        }
    }

    private JoinedTables joined() {
        return new TreeJoins(tree, table -> requireReadable(table, TopicFilter.exactly(Path.of(table, ""))));
    }

    @Override
    public Subscription subscribe(SubscribeRequest request, Subscriber subscriber) {
        requireOpen();
        for (TopicFilter filter : request.filters()) {
            tree.checkLength("topic filter", filter.toString());
            if (!grants.allowsSome(Act.SUBSCRIBE, filter)) {
                throw forbidden(Act.SUBSCRIBE, filter.toString());
            }
        }
        LiveCondition condition = request.query().isEmpty()
                ? null
                : LiveCondition.parse(request.query(), relationships(request.filters()));
        ViewSubscription subscription = new ViewSubscription(this, subscriber);
        subscriptions.add(subscription);
        try {
            SubscriptionEngine engine = tree.subscriptions();
            subscription.runs(
                    condition == null
                            ? engine.subscribe(request, subscription, executor, mayFollow)
                            : engine.subscribe(request, subscription, executor, mayFollow, condition::matches));
        } catch (RuntimeException e) {
            subscriptions.remove(subscription);
            throw e;
        }
        if (closed) {
            subscription.close();
            throw viewClosed();
        }
        return subscription;
    }

    /** The relationships of tables that filters name; a filter with a wildcard for the table asks each record alone. */
    private Set<String> relationships(List<TopicFilter> filters) {
        Set<String> names = new HashSet<>();
        for (TopicFilter filter : filters) {
            String table = filter.toString().split("/", 2)[0];
            names.addAll(tree.tables().relationships(table).keySet());
        }
        return names;
    }

    @Override
    public boolean maySubscribe(Path path) {
        return grants.allows(Act.SUBSCRIBE, path);
    }

    @Override
    public Optional<ResourceException> refusal(Path path, ChangeKind kind) {
        try {
            check(kind == ChangeKind.EVENT ? Act.PUBLISH : Act.WRITE, path);
            if (kind != ChangeKind.EVENT && kind != ChangeKind.DELETE) {
                tree.tables().requireDeclared(path);
            }
            return Optional.empty();
        } catch (ResourceException e) {
            return Optional.of(e);
        }
    }

    @Override
    public int subscriberCount(Path path) {
        // Who may do nothing there learns nothing about it.
        boolean concerned = grants.allows(Act.PUBLISH, path)
                || grants.allows(Act.WRITE, path)
                || grants.allows(Act.SUBSCRIBE, path)
                || grants.allows(Act.READ, path);
        return concerned ? tree.subscriptions().count(path) : 0;
    }

    @Override
    public boolean isSaturated() {
        return room.isMissing();
    }

    @Override
    public CompletionStage<Void> whenReady() {
        return room.whenThere();
    }

    /** Closes the view, its subscriptions and its queries. Further calls do nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        subscriptions.forEach(ViewSubscription::close);
        scans.forEach(TableScan::cancel);
        room.close();
        onClose.accept(this);
    }

    void forget(ViewSubscription subscription) {
        subscriptions.remove(subscription);
    }

    private void check(Write write) {
        check(write instanceof Write.Publish ? Act.PUBLISH : Act.WRITE, write.path());
        tree.checkSize(write);
    }

    private void check(Act act, Path path) {
        requireOpen();
        String text = path.toString();
        tree.checkLength("path", text);
        if (!grants.allows(act, path)) {
            throw forbidden(act, text);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw viewClosed();
        }
    }

    private static ResourceException viewClosed() {
        return new ResourceException(ErrorCode.UNAVAILABLE, "this client's connection has ended");
    }

    private ResourceException forbidden(Act act, String where) {
        String name = switch (act) {
            case READ -> "read";
            case WRITE -> "write";
            case PUBLISH -> "publish to";
            case SUBSCRIBE -> "subscribe to";
        };
        String who = identity.isAnonymous() ? "an anonymous client" : "user '" + identity.name() + "'";
        String why = where.startsWith("$") && !where.startsWith(TableCatalog.PREFIX)
                ? "it belongs to the system"
                : "no role allows it";
        return new ResourceException(ErrorCode.FORBIDDEN, who + " must not " + name + " '" + where + "': " + why);
    }
}
