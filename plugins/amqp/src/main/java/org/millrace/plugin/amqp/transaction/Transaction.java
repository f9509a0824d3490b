package org.millrace.plugin.amqp.transaction;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.millrace.plugin.amqp.feed.Feed;
import org.millrace.plugin.amqp.feed.Item;
import org.millrace.plugin.amqp.feed.Outcome;
import org.millrace.plugin.amqp.feed.Retirement;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Write;

/**
 * What was done in a transaction that is not discharged yet: messages to be written together, and outcomes to be applied
 * with them. Bounded. Used by the connection's event loop.
 */
public final class Transaction {
    private final int maxMessages;
    private final long maxBytes;
    private final List<Write> writes = new ArrayList<>();
    private final List<Consumer<Boolean>> retired = new ArrayList<>();
    private final Map<Feed, List<Item>> accepted = new IdentityHashMap<>();
    private long bytes;

    Transaction(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /**
     * Adds a message.
     *
     * @param write what it asks for
     * @param size its size
     * @throws ResourceException {@link ErrorCode#TOO_LARGE} beyond the bounds
     */
    public void post(Write write, int size) {
        if (writes.size() >= maxMessages || bytes + size > maxBytes) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "a transaction holds at most " + maxMessages + " messages (amqp.transaction-messages) and "
                            + maxBytes + " bytes (amqp.transaction-bytes); discharge it before");
        }
        bytes += size;
        writes.add(write);
    }

    /**
     * Adds an outcome.
     *
     * @param feed where the item is from
     * @param item what is settled
     * @param outcome how
     * @param decision told whether the transaction was committed
     */
    public void retire(Feed feed, Item item, Outcome outcome, Consumer<Boolean> decision) {
        retired.add(decision);
        if (outcome == Outcome.ACCEPTED) {
            accepted.computeIfAbsent(feed, _ -> new ArrayList<>()).add(item);
        }
    }

    /**
     * Makes all of it happen, or none: what was accepted is written down with the messages. Other outcomes are applied a
     * moment later.
     */
    CompletionStage<Void> commit(Resources resources) {
        List<Retirement> retirements = new ArrayList<>();
        CompletionStage<Void> prepared = CompletableFuture.completedStage(null);
        for (Map.Entry<Feed, List<Item>> entry : accepted.entrySet()) {
            CompletionStage<Retirement> one = entry.getKey().retire(entry.getValue());
            prepared = prepared.thenCombine(one, (done, retirement) -> {
                retirements.add(retirement);
                return done;
            });
        }
        return prepared.thenCompose(_ -> write(resources, retirements)).whenComplete((_, failure) -> {
            retirements.forEach(retirement -> retirement.decide(failure == null));
            decide(failure == null);
        });
    }

    private CompletionStage<Void> write(Resources resources, List<Retirement> retirements) {
        List<PluginStore.Update> beside = retirements.stream()
                .flatMap(retirement -> retirement.beside().stream())
                .toList();
        if (writes.isEmpty() && beside.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        return resources.transact(writes, beside).thenApply(_ -> null);
    }

    void rollBack() {
        decide(false);
    }

    private void decide(boolean committed) {
        retired.forEach(decision -> decision.accept(committed));
        retired.clear();
        accepted.clear();
        writes.clear();
    }
}
