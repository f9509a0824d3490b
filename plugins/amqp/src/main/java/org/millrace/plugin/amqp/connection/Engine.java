package org.millrace.plugin.amqp.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.ConnectionError;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SessionError;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.engine.TransportConditionException;
import org.apache.qpid.proton.engine.impl.TransportImpl;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;

/**
 * The protocol engine, with what it leaves to others: it takes frames only where they may come (AMQP 1.0 section 2), and
 * answers flows that ask for an echo. Used by the connection's event loop.
 */
final class Engine extends TransportImpl {
    /** So that long tokens fit into SASL frames; without it the engine allows 512 bytes. */
    private static final int SASL_FRAME = 64 << 10;

    /** The frames of one message: enough for the largest in frames of 512 bytes. */
    private static final int MAX_TRANSFERS = 300_000;

    /** What the engine takes for the channel of a session that its client has ended; no session may have it. */
    private static final int FORGOTTEN = 0xffff;

    private final int maxSessions;
    private final Queue<EngineChannel> begun = new ArrayDeque<>(1);
    /** Sessions whose begin is yet to be answered, in the order in which that will be. */
    private final Queue<EngineChannel> unanswered = new ArrayDeque<>(1);

    private final Queue<Unsettled> attached = new ArrayDeque<>(1);
    private final List<Failure> failures = new ArrayList<>(0);
    private final Map<Integer, EngineChannel> byRemote = new HashMap<>();
    private final Map<Integer, EngineChannel> byLocal = new HashMap<>();
    private final List<Runnable> echoes = new ArrayList<>(0);
    private boolean opened;

    /** A session whose client broke the rules; what else comes on its channel is dropped. */
    record Failure(int channel, ErrorCondition condition) {}

    /** An engine with the limits of the configuration, for a connection that is bound to it. */
    Engine(AmqpConfig config) {
        maxSessions = config.maxSessions();
        setMaxFrameSize(config.maxFrameSize().toIntSaturated());
        setOutboundFrameSizeLimit(config.maxFrameSize().toIntSaturated());
        setInitialRemoteMaxFrameSize(SASL_FRAME);
        setChannelMax(maxSessions - 1);
        setEmitFlowEventOnSend(false);
        setMaxTransfersPerDelivery(MAX_TRANSFERS);
        setIdleTimeout((int) Math.min(config.idleTimeout().toMillis(), Integer.MAX_VALUE));
    }

    /** The channel of the session that is reported next as begun, and is going to be answered. */
    int nextBegun() {
        EngineChannel channel = begun.remove();
        unanswered.add(channel);
        return channel.remote();
    }

    /** What the attach of the link says that is reported next as attached. */
    Unsettled nextAttached() {
        return attached.remove();
    }

    /** What broke the rules since the last time; to be asked when all events were acted upon. */
    List<Failure> failures() {
        List<Failure> all = List.copyOf(failures);
        failures.clear();
        return all;
    }

    private void refuse(Symbol condition, String description) {
        closed(new TransportConditionException(description, condition));
    }

    /** The session frames of a channel belong to; null if the frame is to be dropped. */
    private @Nullable EngineChannel channel(int number, String frame) {
        EngineChannel channel = byRemote.get(number);
        if (channel == null) {
            refuse(ConnectionError.FRAMING_ERROR, frame + " on channel " + number + ", which has no session");
            return null;
        }
        return channel.isEnded() ? null : channel;
    }

    private void end(EngineChannel channel, int number, Symbol condition, String description) {
        channel.end();
        failures.add(new Failure(number, new ErrorCondition(condition, description)));
    }

    // What the client sends.

    @Override
    public void handleOpen(Open open, Binary payload, Integer number) {
        if (opened) {
            refuse(ConnectionError.FRAMING_ERROR, "the connection is open already");
            return;
        }
        opened = true;
        super.handleOpen(open, payload, number);
    }

    @Override
    public void handleBegin(Begin begin, Binary payload, Integer number) {
        if (!opened) {
            refuse(ConnectionError.FRAMING_ERROR, "begin comes before open");
        } else if (number >= maxSessions) {
            refuse(
                    ConnectionError.FRAMING_ERROR,
                    "channel " + number + " is beyond channel-max, which is " + (maxSessions - 1)
                            + " (amqp.max-sessions)");
        } else if (byRemote.containsKey(number)) {
            refuse(ConnectionError.FRAMING_ERROR, "channel " + number + " has a session already");
        } else if (begin.getRemoteChannel() != null) {
            refuse(ConnectionError.FRAMING_ERROR, "begin answers a session that was not begun here");
        } else {
            EngineChannel channel = new EngineChannel(begin, number);
            byRemote.put(number, channel);
            begun.add(channel);
            super.handleBegin(begin, payload, number);
        }
    }

    @Override
    public void handleAttach(Attach attach, Binary payload, Integer number) {
        EngineChannel channel = channel(number, "attach");
        if (channel == null) {
            return;
        }
        Unsettled unsettled = new Unsettled(attach);
        if (!channel.attached(attach, unsettled)) {
            end(
                    channel,
                    number,
                    SessionError.HANDLE_IN_USE,
                    "handle " + attach.getHandle() + " is in use, and so is not free for link '" + attach.getName()
                            + "'");
            return;
        }
        if (channel.isFull()) {
            end(
                    channel,
                    number,
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    "the session's handle-max, which the client set, leaves no handle to answer link '"
                            + attach.getName() + "' with");
            return;
        }
        attached.add(unsettled);
        super.handleAttach(attach, payload, number);
    }

    @Override
    public void handleFlow(Flow flow, Binary payload, Integer number) {
        EngineChannel channel = channel(number, "flow");
        if (channel == null) {
            return;
        }
        if (flow.getHandle() != null && !channel.isAttached(flow.getHandle())) {
            end(channel, number, SessionError.UNATTACHED_HANDLE, "flow on handle " + flow.getHandle());
            return;
        }
        channel.flowed(flow);
        super.handleFlow(flow, payload, number);
        if (flow.getEcho()) {
            echoes.add(() -> {
                Flow answer = channel.echo(flow.getHandle());
                if (answer != null) {
                    writeFrame(channel.local(), answer, null, null);
                }
            });
        }
    }

    @Override
    public void handleTransfer(Transfer transfer, Binary payload, Integer number) {
        EngineChannel channel = channel(number, "transfer");
        if (channel == null) {
            return;
        }
        if (!channel.isAttached(transfer.getHandle())) {
            end(channel, number, SessionError.UNATTACHED_HANDLE, "transfer on handle " + transfer.getHandle());
            return;
        }
        if (!channel.isIncoming(transfer.getHandle())) {
            refuse(ConnectionError.FRAMING_ERROR, "transfer on a link whose sender is the server");
            return;
        }
        if (channel.isResumed(transfer) && !transfer.getMore()) {
            // The map of unsettled deliveries that was sent has none of this tag: to be ignored (section 2.7.5).
            transfer.setAborted(true);
        }
        channel.received(transfer);
        super.handleTransfer(transfer, payload, number);
    }

    @Override
    public void handleDisposition(Disposition disposition, Binary payload, Integer number) {
        if (channel(number, "disposition") != null) {
            super.handleDisposition(disposition, payload, number);
        }
    }

    @Override
    public void handleDetach(Detach detach, Binary payload, Integer number) {
        EngineChannel channel = channel(number, "detach");
        if (channel == null) {
            return;
        }
        if (!channel.detached(detach.getHandle())) {
            end(channel, number, SessionError.UNATTACHED_HANDLE, "detach of handle " + detach.getHandle());
            return;
        }
        super.handleDetach(detach, payload, number);
    }

    @Override
    public void handleEnd(End end, Binary payload, Integer number) {
        EngineChannel channel = byRemote.remove(number);
        if (channel == null) {
            refuse(ConnectionError.FRAMING_ERROR, "end on channel " + number + ", which has no session");
            return;
        }
        channel.left();
        super.handleEnd(end, payload, number);
    }

    @Override
    public void handleClose(Close close, Binary payload, Integer number) {
        if (!opened) {
            refuse(ConnectionError.FRAMING_ERROR, "close comes before open");
            return;
        }
        super.handleClose(close, payload, number);
    }

    // What the server sends.

    @Override
    protected void writeFrame(
            int number,
            @Nullable FrameBody body,
            @Nullable ReadableBuffer payload,
            @Nullable Runnable onPayloadTooLarge) {
        if (body instanceof Disposition said && said.getRole() == Role.RECEIVER && said.getState() == null) {
            return; // what is unsettled when a link is detached stays so (section 2.6.4); the engine would settle it
        }
        EngineChannel begins = body instanceof Begin begin ? answering(begin) : null;
        if (body instanceof Attach attach) {
            EngineChannel channel = byLocal.get(number);
            if (channel != null) {
                channel.answering(attach, getRemoteMaxFrameSize());
            }
        }
        super.writeFrame(number, body, payload, onPayloadTooLarge);
        switch (body) {
            case null -> {
                // An empty frame, which only shows that the server is alive.
            }
            case Begin begin -> {
                if (begins != null && !begins.isLeft()) {
                    begins.begun(number, begin);
                    byLocal.put(number, begins);
                }
            }
            case End _ -> byLocal.remove(number);
            default -> {
                EngineChannel channel = byLocal.get(number);
                if (channel != null) {
                    channel.sent(body);
                }
            }
        }
    }

    /**
     * The session that a begin answers. Of one that its client has ended meanwhile the engine has forgotten the channel, and
     * says 65535, which nobody could correlate (section 2.7.2).
     */
    private @Nullable EngineChannel answering(Begin begin) {
        UnsignedShort named = begin.getRemoteChannel();
        if (named == null) {
            return null;
        }
        boolean forgotten = named.intValue() == FORGOTTEN;
        for (EngineChannel channel : unanswered) {
            if (forgotten ? channel.isLeft() : channel.remote() == named.intValue() && !channel.isLeft()) {
                unanswered.remove(channel);
                begin.setRemoteChannel(UnsignedShort.valueOf((short) channel.remote()));
                return channel;
            }
        }
        return null;
    }

    /** Answers the flows that asked for it, behind everything the engine has to say by now. */
    void answerEchoes() {
        if (!echoes.isEmpty()) {
            List<Runnable> due = List.copyOf(echoes);
            echoes.clear();
            if (pending() >= 0) {
                due.forEach(Runnable::run);
            }
        }
    }
}
