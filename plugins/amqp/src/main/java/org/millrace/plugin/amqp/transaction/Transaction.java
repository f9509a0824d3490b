package org.millrace.plugin.amqp.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
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
     * @param decision told whether the transaction was committed
     */
    public void retire(Consumer<Boolean> decision) {
        retired.add(decision);
    }

    /** Makes all of it happen, or none. */
    CompletionStage<Void> commit(Resources resources) {
        CompletionStage<Void> written = writes.isEmpty()
                ? CompletableFuture.completedStage(null)
                : resources.transact(writes).thenApply(_ -> null);
        return written.whenComplete((_, failure) -> decide(failure == null));
    }

    void rollBack() {
        decide(false);
    }

    private void decide(boolean committed) {
        retired.forEach(decision -> decision.accept(committed));
        retired.clear();
        writes.clear();
    }
}
