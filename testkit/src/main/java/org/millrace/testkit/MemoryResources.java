package org.millrace.testkit;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** One client's view of a {@link MemoryTree}. */
final class MemoryResources implements Resources {
    private static final int DECISION_ATTEMPTS = 8;

    private final MemoryTree tree;
    private final MemoryStore store;
    private final Faults faults;
    private final MemoryCustomResources custom;
    private final String pluginId;
    private final Caller caller;
    private final Identity identity;
    private final Executor executor;
    private final Set<MemorySubscription> subscriptions = ConcurrentHashMap.newKeySet();
    /** The write that was decided last, or is being decided: those behind it wait, so that they keep their order. */
    private CompletableFuture<?> line = CompletableFuture.completedFuture(null);

    MemoryResources(InMemoryHost host, String pluginId, MemoryStore store, Caller caller, Executor executor) {
        this.tree = host.tree();
        this.store = store;
        this.faults = host.faults();
        this.custom = host.custom();
        this.pluginId = pluginId;
        this.caller = caller;
        this.identity = caller.identity();
        this.executor = executor;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public CompletionStage<Optional<Entry>> get(Path path) {
        try {
            faults.check(identity, "read", path);
            Optional<Entry> stored = tree.get(path);
            if (!custom.concern(path, pluginId)) {
                return CompletableFuture.completedStage(stored);
            }
            CompletableFuture<Optional<Entry>> read = custom.read(path, stored, caller, pluginId);
            return read.isDone() ? read : read.whenCompleteAsync((_, _) -> {}, executor);
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public CompletionStage<Commit> write(Write write) {
        return transact(List.of(write)).thenApply(List::getFirst);
    }

    @Override
    public CompletionStage<Commit> write(Write write, PluginStore.Update beside) {
        return transact(List.of(write), () -> store.put(beside.key(), beside.value()))
                .thenApply(List::getFirst);
    }

    @Override
    public CompletionStage<List<Commit>> transact(List<Write> writes) {
        return transact(writes, () -> {});
    }

    @Override
    public CompletionStage<List<Commit>> transact(List<Write> writes, List<PluginStore.Update> beside) {
        return transact(writes, () -> beside.forEach(update -> store.put(update.key(), update.value())));
    }

    private CompletionStage<List<Commit>> transact(List<Write> writes, Runnable beside) {
        CompletableFuture<List<Commit>> applied;
        try {
            for (Write write : writes) {
                faults.check(identity, write instanceof Write.Publish ? "publish" : "write", write.path());
            }
            applied = inLine(() -> decideAndApply(writes, beside, DECISION_ATTEMPTS));
        } catch (ResourceException e) {
            applied = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<List<Commit>> done = new CompletableFuture<>();
        applied.whenComplete((commits, failure) -> faults.acknowledge(() -> executor.execute(() -> {
            if (failure == null) {
                done.complete(commits);
            } else {
                done.completeExceptionally(ResourceException.from(failure));
            }
        })));
        return done;
    }

    private synchronized <T> CompletableFuture<T> inLine(Supplier<CompletableFuture<T>> task) {
        CompletableFuture<T> done =
                line.isDone() ? task.get() : line.handle((_, _) -> null).thenCompose(_ -> task.get());
        line = done;
        return done;
    }

    private CompletableFuture<List<Commit>> decideAndApply(List<Write> writes, Runnable beside, int attempts) {
        return custom.decide(writes, caller, pluginId).thenCompose(decided -> {
            try {
                faults.checkWrites();
                List<Commit> commits = tree.apply(decided.writes(), caller.via().clientId());
                beside.run();
                return CompletableFuture.completedFuture(
                        decided.positions().stream().map(commits::get).toList());
            } catch (ResourceException e) {
                boolean again = decided.conditional() && e.code() == ErrorCode.PRECONDITION_FAILED && attempts > 1;
                return again ? decideAndApply(writes, beside, attempts - 1) : CompletableFuture.failedFuture(e);
            }
        });
    }

    @Override
    public CompletionStage<Commit> post(String table, Content content, WriteOptions options) {
        try {
            return write(new Write.Put(tree.newPath(table), content, options.withPrecondition(Precondition.ABSENT)));
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    @Override
    public void query(Query query, Flow.Subscriber<? super Row> rows) {
        Rows source = new Rows(rows);
        executor.execute(() -> rows.onSubscribe(source));
        try {
            faults.check(identity, "read", query.table() + "/");
            BiPredicate<Path, Content> condition = tree.condition(query.expression());
            tree.table(query.table(), query.after()).stream()
                    .filter(e -> condition.test(e.path(), e.content()))
                    .limit(query.limit())
                    .map(e -> new Row(e.path(), e.version(), e.content()))
                    .forEach(source.left::add);
        } catch (ResourceException e) {
            executor.execute(() -> rows.onError(e));
        }
    }

    @Override
    public Subscription subscribe(SubscribeRequest request, Subscriber subscriber) {
        request.filters().forEach(f -> faults.check(identity, "subscribe", f.toString()));
        faults.checkSubscriptions();
        MemorySubscription made = new MemorySubscription(tree, request, subscriber, executor, path -> true);
        subscriptions.add(made);
        return made;
    }

    @Override
    public boolean maySubscribe(Path path) {
        return faults.allows(identity, "subscribe", path.toString());
    }

    @Override
    public Optional<ResourceException> refusal(Path path, ChangeKind kind) {
        try {
            faults.check(identity, kind == ChangeKind.EVENT ? "publish" : "write", path);
            return Optional.empty();
        } catch (ResourceException e) {
            return Optional.of(e);
        }
    }

    @Override
    public int subscriberCount(Path path) {
        return tree.count(path);
    }

    @Override
    public boolean isSaturated() {
        return faults.isSaturated();
    }

    @Override
    public CompletionStage<Void> whenReady() {
        return faults.whenReady(executor);
    }

    @Override
    public void close() {
        subscriptions.forEach(MemorySubscription::close);
        subscriptions.clear();
    }

    /** Rows given as they are asked for, on the view's executor, which is serial. */
    private final class Rows implements Flow.Subscription {
        private final ArrayDeque<Row> left = new ArrayDeque<>();
        private final Flow.Subscriber<? super Row> subscriber;
        private long demand;
        private boolean done;
        private boolean emitting;

        Rows(Flow.Subscriber<? super Row> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            executor.execute(() -> {
                demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
                emit();
            });
        }

        private void emit() {
            if (emitting || done) {
                return;
            }
            emitting = true;
            while (!done && demand > 0 && !left.isEmpty()) {
                demand--;
                Row row = left.remove();
                tree.delivered(row.content());
                subscriber.onNext(row);
            }
            emitting = false;
            if (!done && left.isEmpty()) {
                done = true;
                subscriber.onComplete();
            }
        }

        @Override
        public void cancel() {
            executor.execute(() -> done = true);
        }
    }
}
