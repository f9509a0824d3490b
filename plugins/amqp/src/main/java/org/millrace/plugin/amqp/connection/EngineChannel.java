package org.millrace.plugin.amqp.connection;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * What the frames of one session have said so far: which handles are attached, and both sides' counts, which a flow that
 * asks for an echo is answered with. Counts wrap around at 32 bits (RFC 1982). Used by the connection's event loop.
 */
final class EngineChannel {
    private final Map<UnsignedInteger, LinkCounts> byRemote = new HashMap<>();
    private final Map<UnsignedInteger, LinkCounts> byLocal = new HashMap<>();
    private final Map<String, LinkCounts> unanswered = new HashMap<>();
    /** How many handles the client has for the server's links. */
    private final long handles;

    private final int remote;
    private int nextIncoming;
    private int incomingWindow;
    private int nextOutgoing;
    private UnsignedInteger outgoingWindow = UnsignedInteger.ZERO;
    private int local = -1;
    private boolean ended;
    private boolean left;

    EngineChannel(Begin begin, int remote) {
        this.remote = remote;
        this.nextIncoming = begin.getNextOutgoingId().intValue();
        this.handles = begin.getHandleMax() == null
                ? Long.MAX_VALUE
                : begin.getHandleMax().longValue() + 1;
    }

    /** One link's counts. The credit is kept as the delivery-count up to which it lasts. */
    private static final class LinkCounts {
        final boolean incoming;
        final Unsettled unsettled;

        @Nullable
        UnsignedInteger local;

        int deliveryCount;
        int limit;
        boolean drain;
        /** Whether the frames that come are of a delivery the client wants to resume, and the server does not know. */
        boolean resumed;

        LinkCounts(boolean incoming, int deliveryCount, Unsettled unsettled) {
            this.incoming = incoming;
            this.unsettled = unsettled;
            this.deliveryCount = deliveryCount;
            this.limit = deliveryCount;
        }
    }

    /** The number by which the client calls it. */
    int remote() {
        return remote;
    }

    /** The client has ended the session. */
    void left() {
        left = true;
    }

    boolean isLeft() {
        return left;
    }

    int local() {
        return local;
    }

    /** The server has ended the session; the client does not know yet. */
    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    // What the client sent.

    /** False if the handle is in use. */
    boolean attached(Attach attach, Unsettled unsettled) {
        boolean incoming = attach.getRole() == Role.SENDER;
        int count = attach.getInitialDeliveryCount() == null
                ? 0
                : attach.getInitialDeliveryCount().intValue();
        LinkCounts link = new LinkCounts(incoming, incoming ? count : 0, unsettled);
        if (byRemote.putIfAbsent(attach.getHandle(), link) != null) {
            return false;
        }
        unanswered.put(key(attach.getName(), incoming), link);
        return true;
    }

    /** A session may have a sender and a receiver of one name. */
    private static String key(String name, boolean incoming) {
        return (incoming ? "<" : ">") + name;
    }

    /** Whether the client has no handle for the server's end of the link that was attached last. */
    boolean isFull() {
        return byRemote.size() > handles;
    }

    boolean isAttached(UnsignedInteger handle) {
        return byRemote.containsKey(handle);
    }

    boolean isIncoming(UnsignedInteger handle) {
        LinkCounts link = byRemote.get(handle);
        return link != null && link.incoming;
    }

    boolean detached(UnsignedInteger handle) {
        return byRemote.remove(handle) != null;
    }

    /** Whether a transfer is of a delivery whose first one asked to resume it, and there is none to resume. */
    boolean isResumed(Transfer transfer) {
        LinkCounts link = byRemote.get(transfer.getHandle());
        if (link == null) {
            return false;
        }
        boolean resumed = link.resumed || (transfer.getResume() && !link.unsettled.resume(transfer.getDeliveryTag()));
        link.resumed = resumed && transfer.getMore() && !transfer.getAborted();
        return resumed;
    }

    void received(Transfer transfer) {
        nextIncoming++;
        incomingWindow--;
        LinkCounts link = byRemote.get(transfer.getHandle());
        if (link != null && (!transfer.getMore() || transfer.getAborted())) {
            link.deliveryCount++;
        }
    }

    void flowed(Flow flow) {
        LinkCounts link = flow.getHandle() == null ? null : byRemote.get(flow.getHandle());
        if (link != null && !link.incoming && flow.getLinkCredit() != null) {
            int base = flow.getDeliveryCount() == null
                    ? 0
                    : flow.getDeliveryCount().intValue();
            link.limit = base + flow.getLinkCredit().intValue();
            link.drain = flow.getDrain();
        }
    }

    // What the server sent.

    void begun(int number, Begin begin) {
        local = number;
        nextOutgoing = begin.getNextOutgoingId().intValue();
        incomingWindow = begin.getIncomingWindow().intValue();
        outgoingWindow = begin.getOutgoingWindow();
    }

    /** Puts into an attach what is known of the deliveries the client asks about. */
    void answering(Attach attach, int frameSize) {
        LinkCounts link = unanswered.get(key(attach.getName(), attach.getRole() == Role.RECEIVER));
        if (link != null) {
            link.unsettled.write(attach, frameSize);
        }
    }

    void sent(FrameBody body) {
        switch (body) {
            case Attach attach -> answered(attach);
            case Transfer transfer -> {
                nextOutgoing++;
                LinkCounts link = byLocal.get(transfer.getHandle());
                if (link != null && !transfer.getMore()) {
                    link.deliveryCount++;
                }
            }
            case Flow flow -> {
                incomingWindow = flow.getIncomingWindow().intValue();
                LinkCounts link = flow.getHandle() == null ? null : byLocal.get(flow.getHandle());
                if (link != null) {
                    link.deliveryCount = flow.getDeliveryCount().intValue();
                    link.limit = link.deliveryCount + flow.getLinkCredit().intValue();
                }
            }
            case Detach detach -> byLocal.remove(detach.getHandle());
            default -> {
                // Says nothing of counts.
            }
        }
    }

    private void answered(Attach attach) {
        LinkCounts link = unanswered.remove(key(attach.getName(), attach.getRole() == Role.RECEIVER));
        if (link != null) {
            link.local = attach.getHandle();
            byLocal.put(attach.getHandle(), link);
        }
    }

    /** The state of the session, or of a link of it; null where there is none to tell. */
    @Nullable
    Flow echo(@Nullable UnsignedInteger handle) {
        if (local < 0 || ended) {
            return null;
        }
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.valueOf(nextIncoming));
        flow.setIncomingWindow(UnsignedInteger.valueOf(incomingWindow));
        flow.setNextOutgoingId(UnsignedInteger.valueOf(nextOutgoing));
        flow.setOutgoingWindow(outgoingWindow);
        if (handle != null) {
            LinkCounts link = byRemote.get(handle);
            if (link == null || link.local == null) {
                return null;
            }
            flow.setHandle(link.local);
            flow.setDeliveryCount(UnsignedInteger.valueOf(link.deliveryCount));
            flow.setLinkCredit(UnsignedInteger.valueOf(Math.max(0, link.limit - link.deliveryCount)));
            flow.setDrain(link.drain && !link.incoming);
        }
        return flow;
    }
}
