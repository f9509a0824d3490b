package org.millrace.plugin.websocket;

import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.websocket.envelope.FieldWriter;
import org.millrace.plugin.websocket.envelope.Fields;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/** One subscription of a connection. */
final class Follow implements Subscriber, Stream {
    private final MultiplexedSession session;
    private final WireFormat format;
    private final Object id;
    private final Demand demand;
    private final Fields live;
    private @Nullable Subscription subscription;
    /** Whether places may be named: not while the present state is incomplete. */
    private boolean resumable;

    Follow(MultiplexedSession session, WireFormat format, Object id, OptionalLong first) {
        this.session = session;
        this.format = format;
        this.id = id;
        this.demand = new Demand(session, first);
        this.live = head().done();
    }

    private FieldWriter head() {
        return new FieldWriter(format).id("sub", id);
    }

    /** Subscribes; gives the place the subscription begins at. */
    Cursor open(Resources view, SubscribeRequest request) {
        Subscription opened = view.subscribe(request, this);
        subscription = opened;
        resumable = !(request.start() instanceof Start.Current);
        return opened.position();
    }

    @Override
    public void flow() {
        int more = subscription == null ? 0 : demand.next();
        if (subscription != null && more > 0) {
            subscription.request(more);
        }
    }

    @Override
    public void request(long n) {
        demand.add(n);
        flow();
    }

    @Override
    public void close() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }

    /** Whether a client that has this change and resumes after it misses nothing and sees nothing again. */
    private boolean isSafe(Cursor place) {
        if (!resumable || subscription == null) {
            return false;
        }
        Cursor reached = subscription.position();
        return reached.node() == place.node() && reached.position() >= place.position();
    }

    @Override
    public void onChange(Change change, Reason reason) {
        boolean cursor = reason != Reason.CURRENT && isSafe(change.cursor());
        Fields own = reason == Reason.LIVE
                ? live
                : head().text("reason", reason.name().toLowerCase(Locale.ROOT)).done();
        demand.arrived(session.sink().add(own, ChangeFields.of(format, change, cursor)));
        session.delivered();
    }

    @Override
    public void onCaughtUp(Cursor at) {
        resumable = true;
        session.sink()
                .add(head().text("event", "caught-up")
                        .text("cursor", at.toString())
                        .done());
    }

    @Override
    public void onGap(Gap gap) {
        // The present state follows, and then another end of it.
        resumable = false;
        session.sink()
                .add(head().text("event", "gap").text("reason", gap.reason()).done());
    }

    @Override
    public void onBatchEnd() {
        session.sink().flush();
        flow();
    }

    @Override
    public void onClosed(ResourceException reason) {
        subscription = null;
        session.ended(id);
        session.sink()
                .add(head().text("event", "closed")
                        .map("error", MultiplexedSession.error(format, reason))
                        .done());
        session.sink().flush();
    }
}
