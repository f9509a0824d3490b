package org.millrace.host.resources;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.host.table.RecordSchema;
import org.millrace.host.table.TableCatalog;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.store.WriteRequest;

/**
 * The writes of one view, which the view has permitted: has custom resources decide those that are theirs to decide, and
 * hands all to the store. Safe for use by any thread.
 *
 * <p>Writes that no custom resource is concerned with go straight to the store, unless one before them is still being
 * decided: the writes of a view keep their order.
 */
final class ViewWrites {
    /** So many writes are atomic together at most: the writer thread works on nothing else meanwhile. */
    private static final int MAX_TRANSACTION = 10_000;

    private static final int DECISION_ATTEMPTS = 8;

    private final ResourceTree tree;
    private final String pluginId;
    private final Caller caller;
    private final Executor executor;
    private final Mailbox mailbox;
    private final WriteLine line;

    ViewWrites(ResourceTree tree, String pluginId, Caller caller, Executor executor, Mailbox mailbox) {
        this.tree = tree;
        this.pluginId = pluginId;
        this.caller = caller;
        this.executor = executor;
        this.mailbox = mailbox;
        this.line = new WriteLine(executor);
    }

    boolean isLineLong() {
        return line.isLong();
    }

    void whenLineShort(Runnable task) {
        line.whenShort(task);
    }

    CompletionStage<Commit> write(Write write) {
        if (isDecided(write)) {
            return decide(List.of(write), List.of(), List::getFirst);
        }
        Write admitted = tree.tables().admit(write);
        if (isTransient(write)) {
            return CompletableFuture.completedStage(publishTransient(write));
        }
        Completion.OfOne completion = new Completion.OfOne(mailbox);
        submit(List.of(admitted), durability(admitted), completion);
        return completion;
    }

    CompletionStage<Commit> write(Write write, PluginStore.Update beside) {
        Write value = tree.internalWrite(pluginId, beside);
        if (isDecided(write)) {
            return decide(List.of(write), List.of(value), List::getFirst);
        }
        Write admitted = tree.tables().admit(write);
        Completion.OfOne completion = new Completion.OfOne(mailbox);
        submit(List.of(admitted, value), durability(admitted), completion);
        return completion;
    }

    CompletionStage<List<Commit>> transact(List<Write> writes, List<PluginStore.Update> beside) {
        checkLength(writes);
        List<Write> values = beside.stream()
                .map(update -> tree.internalWrite(pluginId, update))
                .toList();
        for (Write write : writes) {
            if (isDecided(write)) {
                return decide(writes, values, Function.identity());
            }
        }
        Completion.OfAll completion = new Completion.OfAll(mailbox);
        List<Write> admitted = admit(writes);
        admitted.addAll(values);
        submit(admitted, writes.isEmpty() ? Durability.FSYNC : strongest(writes), completion);
        return values.isEmpty() ? completion : completion.thenApply(commits -> commits.subList(0, writes.size()));
    }

    private static void checkLength(List<Write> writes) {
        if (writes.size() > MAX_TRANSACTION) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the transaction has " + writes.size() + " writes; at most " + MAX_TRANSACTION + " are allowed");
        }
    }

    private boolean isDecided(Write write) {
        return !line.isFree() || tree.custom().concern(write.path(), pluginId);
    }

    private List<Write> admit(List<Write> writes) {
        List<Write> admitted = new ArrayList<>(writes.size() + 2);
        writes.forEach(write -> admitted.add(tree.tables().admit(write)));
        return admitted;
    }

    private Commit publishTransient(Write event) {
        return tree.publishTransient((Write.Publish) event, caller.via().clientId());
    }

    private void submit(List<Write> writes, Durability durability, Completion<?> completion) {
        Write declaring = null;
        for (Write write : writes) {
            if (tree.tables().newSchema(write).isPresent()) {
                if (declaring != null) {
                    throw new ResourceException(
                            ErrorCode.UNSUPPORTED,
                            "'" + write.path() + "': only one new schema can be part of a transaction, since the"
                                    + " records of its table are checked first; put the definitions one by one");
                }
                declaring = write;
            }
        }
        if (declaring == null) {
            hand(writes, durability, completion);
        } else {
            declare(
                    declaring.path(),
                    tree.tables().newSchema(declaring).orElseThrow(),
                    completion,
                    outcome -> hand(writes, durability, outcome));
        }
    }

    /** Hands on a definition when the table's records are known to fulfil its schema. */
    private void declare(
            Path definition, RecordSchema schema, WriteRequest.Outcome client, Consumer<WriteRequest.Outcome> hand) {
        String table = definition.toString().substring(TableCatalog.PREFIX.length());
        tree.tables().propose(definition, schema);
        try {
            tree.queries()
                    .execute(new SchemaCheck(
                            tree.tables(), definition, schema, tree.table(table).scan(), hand, client));
        } catch (RejectedExecutionException e) {
            tree.tables().withdraw(definition);
            throw new ResourceException(ErrorCode.BUSY, "too many queries run at once; try again a little later", e);
        }
    }

    private void hand(List<Write> writes, Durability durability, WriteRequest.Outcome completion) {
        WriteRequest.Outcome outcome = tree.tables().declaring(writes, completion);
        WriteRequest request = new WriteRequest(writes, caller.via().clientId(), durability, outcome);
        if (!tree.store().submit(request)) {
            throw new ResourceException(
                    ErrorCode.BUSY, "the host has more writes waiting than it takes; try again a little later");
        }
    }

    /** Events in memory alone never meet the writer, unless they depend on a record. */
    private static boolean isTransient(Write write) {
        return write instanceof Write.Publish event
                && event.options().durability() == Durability.MEMORY
                && event.options().precondition() instanceof Precondition.None;
    }

    private Durability durability(Write write) {
        return switch (write.options().durability()) {
            case OS, MEMORY -> Durability.OS;
            case FSYNC -> Durability.FSYNC;
            case TABLE -> tree.tables().durability(write.path());
        };
    }

    private Durability strongest(List<Write> writes) {
        for (Write write : writes) {
            if (durability(write) != Durability.OS) {
                return Durability.FSYNC;
            }
        }
        return Durability.OS;
    }

    private <T> CompletionStage<T> decide(List<Write> asked, List<Write> beside, Function<List<Commit>, T> result) {
        Deciding<T> deciding = new Deciding<>(asked, beside, result);
        line.enter(deciding);
        return deciding.done;
    }

    /** Writes on their way through the custom resources. Has the line to itself from {@link #run} to {@link #leave}. */
    private final class Deciding<T> implements Runnable {
        private final List<Write> asked;
        private final List<Write> beside;
        private final Function<List<Commit>, T> result;
        private int attempts;

        final CompletableFuture<T> done = new CompletableFuture<>();

        Deciding(List<Write> asked, List<Write> beside, Function<List<Commit>, T> result) {
            this.asked = asked;
            this.beside = beside;
            this.result = result;
        }

        @Override
        public void run() {
            attempts++;
            CompletableFuture<WriteDecision.Decided> decision =
                    WriteDecision.of(tree.custom(), asked, caller, pluginId);
            if (decision.isDone()) {
                decision.whenComplete(this::take);
            } else {
                decision.whenCompleteAsync(this::take, executor);
            }
        }

        private void take(WriteDecision.@Nullable Decided decided, @Nullable Throwable failure) {
            if (decided == null) {
                line.leave();
                done.completeExceptionally(failure == null ? new IllegalStateException() : failure);
                return;
            }
            // What depends on records may have to be decided again, before the writes behind it.
            boolean stays = false;
            try {
                stays = write(decided);
            } catch (ResourceException e) {
                done.completeExceptionally(e);
            } finally {
                if (!stays) {
                    line.leave();
                }
            }
        }

        /** Returns whether the line is left only with the outcome. */
        private boolean write(WriteDecision.Decided decided) {
            List<Write> writes = decided.writes();
            checkLength(writes);
            writes.forEach(tree::checkSize);
            if (writes.size() == 1 && beside.isEmpty() && isTransient(writes.getFirst())) {
                done.complete(result.apply(List.of(publishTransient(writes.getFirst()))));
                return false;
            }
            List<Write> admitted = admit(writes);
            Durability durability = strongest(admitted);
            admitted.addAll(beside);
            submit(admitted, durability, new Outcome(decided));
            return decided.conditional();
        }

        private final class Outcome extends Completion<T> {
            private final WriteDecision.Decided decided;

            Outcome(WriteDecision.Decided decided) {
                super(mailbox);
                this.decided = decided;
            }

            @Override
            void succeed(List<Commit> commits) {
                if (decided.conditional()) {
                    line.leave();
                }
                done.complete(result.apply(
                        decided.positions().stream().map(commits::get).toList()));
            }

            @Override
            void fail(ResourceException reason) {
                if (!decided.conditional()) {
                    done.completeExceptionally(reason);
                } else if (reason.code() == ErrorCode.PRECONDITION_FAILED && attempts < DECISION_ATTEMPTS) {
                    run();
                } else {
                    line.leave();
                    done.completeExceptionally(told(reason));
                }
            }

            private ResourceException told(ResourceException reason) {
                boolean own = asked.stream()
                        .anyMatch(write -> !(write.options().precondition() instanceof Precondition.None));
                if (own || reason.code() != ErrorCode.PRECONDITION_FAILED) {
                    return reason;
                }
                return new ResourceException(
                        ErrorCode.CONFLICT,
                        "others keep changing the records that this write depends on; try again a little later",
                        reason);
            }
        }
    }
}
