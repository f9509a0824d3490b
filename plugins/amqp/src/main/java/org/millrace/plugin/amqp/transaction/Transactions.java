package org.millrace.plugin.amqp.transaction;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** A connection's transactions. Used by its event loop. */
public final class Transactions {
    private static final int MAX_OPEN = 64;

    private final AmqpConfig config;
    private final Map<Binary, Transaction> open = new HashMap<>();
    private long next;

    /**
     * Begins without any.
     *
     * @param config their bounds
     */
    public Transactions(AmqpConfig config) {
        this.config = config;
    }

    Binary declare() {
        if (open.size() >= MAX_OPEN) {
            throw new ResourceException(
                    ErrorCode.QUOTA_EXCEEDED, "a connection may have " + MAX_OPEN + " transactions at once");
        }
        Binary id = new Binary(ByteBuffer.allocate(Long.BYTES).putLong(next++).array());
        open.put(
                id,
                new Transaction(
                        config.transactionMessages(), config.transactionBytes().bytes()));
        return id;
    }

    /**
     * Looks a transaction up.
     *
     * @param id what declaring it answered
     * @return null if there is none of this id
     */
    public @Nullable Transaction find(Binary id) {
        return open.get(id);
    }

    @Nullable
    Transaction take(Binary id) {
        return open.remove(id);
    }

    /** Takes back what was not discharged: its connection is over. */
    public void rollBackAll() {
        open.values().forEach(Transaction::rollBack);
        open.clear();
    }
}
