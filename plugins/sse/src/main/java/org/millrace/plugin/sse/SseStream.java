package org.millrace.plugin.sse;

import io.netty.util.concurrent.ScheduledFuture;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.transport.DemandWindow;
import org.millrace.spi.transport.HttpRoute;

/**
 * One client's event stream. Used on the connection's event loop, but for {@link #end}.
 *
 * <p>What a client does not read is not fetched: while the socket takes no more, nothing is asked for beyond a small
 * window, and the host holds a place in the change stream.
 */
final class SseStream {
    private final SseRoute route;
    private final StreamRequest request;
    private final HttpRoute.Exchange exchange;
    private final DemandWindow window = new DemandWindow();

    private @Nullable Resources view;
    private @Nullable Follower follower;
    private @Nullable ScheduledFuture<?> heartbeat;
    private boolean started;
    private boolean ended;
    private boolean silent = true;

    SseStream(SseRoute route, StreamRequest request, HttpRoute.Exchange exchange) {
        this.route = route;
        this.request = request;
        this.exchange = exchange;
    }

    /** Begins to serve, or refuses. */
    void open(Resources opened) {
        view = opened;
        exchange.onClose(this::closed);
        if (ended) {
            return;
        }
        try {
            subscribe(opened);
        } catch (ResourceException e) {
            exchange.fail(e);
            closed();
        }
    }

    private void subscribe(Resources from) {
        try {
            follow(from, request.start());
            begin();
        } catch (ResourceException e) {
            if (!(request.start() instanceof Start.After) || !isCursorLost(e)) {
                throw e;
            }
            // A browser gives up for good on an error status, so a lost place is an event and not a 410.
            follow(from, Start.CURRENT);
            begin();
            gap(String.valueOf(e.getMessage()));
        }
        exchange.flush();
        refill();
    }

    private void follow(Resources from, Start start) {
        Follower next = new Follower(start);
        next.own = from.subscribe(request.from(start), next);
        follower = next;
    }

    /** Whether the place to resume from is gone; INVALID is a cursor of another node, for it was well formed. */
    private static boolean isCursorLost(ResourceException e) {
        return e.code() == ErrorCode.EXPIRED_CURSOR || e.code() == ErrorCode.INVALID;
    }

    private void begin() {
        exchange.start(
                200,
                "Content-Type",
                "text/event-stream",
                "Cache-Control",
                "no-store, no-transform",
                // Makes nginx and its kin pass on each event as it comes.
                "X-Accel-Buffering",
                "no");
        started = true;
        exchange.onWritable(this::refill);
        write(bytes("retry: " + route.config().retry().toMillis() + "\n" + place() + "\n"));
        long period = route.config().heartbeat().toMillis();
        heartbeat = exchange.eventLoop().scheduleAtFixedRate(this::beat, period, period, TimeUnit.MILLISECONDS);
    }

    private void beat() {
        if (silent && exchange.isWritable()) {
            exchange.write(bytes(":\n" + place() + "\n"));
            exchange.flush();
        }
        silent = true;
    }

    /**
     * The field that names the place reached. Without data it is no event, but a client remembers it: so the place of
     * one whose filters match nothing does not age.
     */
    private String place() {
        Follower running = follower;
        return running == null || !running.resumable || running.own == null
                ? ""
                : "id: " + running.own.position() + "\n";
    }

    private void write(byte[] event) {
        silent = false;
        exchange.write(event);
    }

    private void refill() {
        Subscription running = follower == null ? null : follower.own;
        if (running == null || ended || !exchange.isWritable()) {
            return;
        }
        int more = window.refill();
        if (more > 0) {
            running.request(more);
        }
    }

    /** Tells of lost changes. The empty id makes a client that connects anew start with the present state. */
    private void gap(String reason) {
        StringBuilder event = new StringBuilder("event: gap\nid:\ndata: {\"reason\":");
        JsonText.quote(event, reason);
        write(bytes(event.append("}\n\n").toString()));
    }

    /** Ends the stream. May be called by any thread. */
    void end() {
        exchange.eventLoop().execute(() -> {
            if (!ended && started) {
                exchange.end();
            }
            closed();
        });
    }

    /** The client has gone, or the stream has ended. */
    private void closed() {
        if (ended) {
            return;
        }
        ended = true;
        if (heartbeat != null) {
            heartbeat.cancel(false);
        }
        if (view != null) {
            view.close();
        }
        route.ended(this);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Receives one subscription's deliveries and writes them. */
    private final class Follower implements Subscriber {
        private @Nullable Subscription own;
        /** Whether places may be named: not while the present state is incomplete. */
        private boolean resumable;

        Follower(Start start) {
            this.resumable = !(start instanceof Start.Current);
        }

        /** Whether a client that has this change and resumes after it misses nothing and sees nothing again. */
        private boolean isSafe(Cursor place) {
            Subscription running = own;
            return resumable
                    && running != null
                    && running.position().node() == place.node()
                    && running.position().position() >= place.position();
        }

        @Override
        public void onChange(Change change, Reason reason) {
            boolean id = reason != Reason.CURRENT && isSafe(change.cursor());
            byte[] event = EventForm.of(change, reason, request.shape(), id);
            route.events().increment();
            window.arrived(event.length);
            write(event);
        }

        @Override
        public void onCaughtUp(Cursor at) {
            resumable = true;
            write(bytes("event: caught-up\n" + place() + "data: {}\n\n"));
        }

        @Override
        public void onGap(Gap gap) {
            // The present state follows, and then another end of it.
            resumable = false;
            gap(gap.reason());
        }

        @Override
        public void onBatchEnd() {
            exchange.flush();
            refill();
        }

        @Override
        public void onClosed(ResourceException reason) {
            Resources from = view;
            if (ended || from == null) {
                return;
            }
            if (reason.code() != ErrorCode.EXPIRED_CURSOR) {
                route.log().log(Level.DEBUG, "a stream ends: {0}", reason.getMessage());
                end();
                return;
            }
            gap(String.valueOf(reason.getMessage()));
            window.restart();
            try {
                follow(from, Start.CURRENT);
            } catch (ResourceException e) {
                route.log().log(Level.DEBUG, "a stream ends: {0}", e.getMessage());
                end();
                return;
            }
            exchange.flush();
            refill();
        }
    }
}
