package org.millrace.plugin.amqp.transaction;

import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.transaction.Declare;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.Discharge;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Receiver;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.link.LinkHandler;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.mapping.Conditions;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The link over which a client declares and discharges transactions. Used by the connection's event loop. */
public final class Coordinator implements LinkHandler {
    /** There is no transaction of an id (AMQP 1.0 section 4.5.8). */
    public static final Symbol UNKNOWN_ID = Symbol.valueOf("amqp:transaction:unknown-id");

    private static final Symbol ROLLBACK = Symbol.valueOf("amqp:transaction:rollback");
    private static final int CREDIT = 100;
    private static final int MAX_SIZE = 4 << 10;

    private final LinkHost host;
    private final Receiver receiver;
    private boolean ended;

    /**
     * Makes a coordinator.
     *
     * @param host its connection
     * @param receiver the engine's side
     */
    public Coordinator(LinkHost host, Receiver receiver) {
        this.host = host;
        this.receiver = receiver;
    }

    /** Gives credit. */
    public void start() {
        receiver.flow(CREDIT);
    }

    @Override
    public void flow() {}

    @Override
    public void delivery(Delivery delivery) {
        if (delivery != receiver.current()) {
            return;
        }
        if (delivery.pending() > MAX_SIZE) {
            receiver.setCondition(new ErrorCondition(
                    org.apache.qpid.proton.amqp.transport.LinkError.MESSAGE_SIZE_EXCEEDED,
                    "a coordinator takes declare and discharge only"));
            receiver.close();
            return;
        }
        if (delivery.isPartial()) {
            return;
        }
        ReadableBuffer in = receiver.recv();
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        receiver.advance();
        if (receiver.getCredit() <= CREDIT / 2) {
            receiver.flow(CREDIT - receiver.getCredit());
        }
        try {
            act(delivery, read(bytes));
        } catch (ResourceException e) {
            settle(delivery, Conditions.rejected(Conditions.of(e)));
        }
    }

    private @Nullable Object read(byte[] bytes) {
        try {
            host.decoder().setBuffer(ReadableBuffer.ByteBufferReader.wrap(bytes));
            Object section = host.decoder().readObject();
            return section instanceof AmqpValue value ? value.getValue() : section;
        } catch (RuntimeException e) { // whatever the decoder makes of garbage
            throw new ResourceException(ErrorCode.INVALID, "the message to the coordinator cannot be decoded", e);
        } finally {
            host.decoder().setBuffer(null);
        }
    }

    private void act(Delivery delivery, @Nullable Object request) {
        switch (request) {
            case Declare declare -> {
                if (declare.getGlobalId() != null) {
                    throw new ResourceException(ErrorCode.UNSUPPORTED, "distributed transactions are not offered");
                }
                Declared declared = new Declared();
                declared.setTxnId(host.transactions().declare());
                settle(delivery, declared);
            }
            case Discharge discharge -> discharge(delivery, discharge);
            case null, default ->
                throw new ResourceException(ErrorCode.INVALID, "a coordinator takes declare and discharge only");
        }
    }

    private void discharge(Delivery delivery, Discharge discharge) {
        Transaction transaction = host.transactions().take(discharge.getTxnId());
        if (transaction == null) {
            settle(delivery, Conditions.rejected(new ErrorCondition(UNKNOWN_ID, "there is no transaction of this id")));
        } else if (Boolean.TRUE.equals(discharge.getFail())) {
            transaction.rollBack();
            settle(delivery, Accepted.getInstance());
        } else {
            transaction.commit(host.resources()).whenComplete((_, failure) -> {
                if (failure == null) {
                    settle(delivery, Accepted.getInstance());
                } else {
                    settle(
                            delivery,
                            Conditions.rejected(new ErrorCondition(
                                    ROLLBACK, ResourceException.from(failure).getMessage())));
                }
            });
        }
    }

    private void settle(Delivery delivery, DeliveryState state) {
        if (!ended) {
            delivery.disposition(state);
            delivery.settle();
            host.wake();
        }
    }

    @Override
    public void ended(boolean forGood) {
        ended = true;
    }
}
