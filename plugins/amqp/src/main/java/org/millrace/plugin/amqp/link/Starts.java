package org.millrace.plugin.amqp.link;

import java.util.function.Predicate;
import org.millrace.plugin.amqp.link.SourceFilters.StartAt;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** Turns what receivers say about where to start into the host's terms. Used by the view's executor. */
public final class Starts {
    private static final Predicate<Change> ALL = _ -> true;

    private final Resources view;
    private final TopicFilter filter;

    /**
     * Resolves for one receiver.
     *
     * @param view the receiver's
     * @param filter what it follows
     */
    public Starts(Resources view, TopicFilter filter) {
        this.view = view;
        this.filter = filter;
    }

    /**
     * A place, and which of the changes behind it are wanted.
     *
     * @param start the place
     * @param wanted tells the changes apart
     */
    public record Resolved(Start start, Predicate<Change> wanted) {}

    /**
     * Resolves a start.
     *
     * @param at what the receiver said
     * @return the host's terms
     * @throws ResourceException if the place is no place, or is kept no longer
     */
    public Resolved resolve(StartAt at) {
        return switch (at) {
            case StartAt.Current _ -> new Resolved(Start.CURRENT, ALL);
            case StartAt.Now _ -> new Resolved(Start.NOW, ALL);
            case StartAt.Oldest _ -> new Resolved(new Start.After(oldest()), ALL);
            case StartAt.Newest _ -> {
                Cursor head = head();
                yield new Resolved(new Start.After(new Cursor(head.node(), Math.max(0, head.position() - 1))), ALL);
            }
            case StartAt.Behind(String text) -> new Resolved(new Start.After(Cursor.parse(text)), ALL);
            case StartAt.BehindNumber(long number) ->
                new Resolved(new Start.After(new Cursor(head().node(), Math.max(0, number))), ALL);
            case StartAt.Since(java.time.Instant instant) -> {
                long millis = instant.toEpochMilli();
                yield new Resolved(new Start.After(oldest()), c -> c.version().epochMillis() >= millis);
            }
        };
    }

    /**
     * The newest place there is.
     *
     * @return the place a subscription that starts now has
     * @throws ResourceException {@link ErrorCode#FORBIDDEN} if the receiver may not subscribe
     */
    public Cursor head() {
        try (Subscription probe = view.subscribe(SubscribeRequest.every(filter, Start.NOW), Probe.INSTANCE)) {
            return probe.position();
        }
    }

    /** The oldest place that is kept: between what the host refuses as expired and what it does not. */
    private Cursor oldest() {
        Cursor head = head();
        long kept = head.position();
        long expired = -1;
        while (kept - expired > 1) {
            long middle = expired + (kept - expired) / 2;
            if (isKept(new Cursor(head.node(), middle))) {
                kept = middle;
            } else {
                expired = middle;
            }
        }
        return new Cursor(head.node(), kept);
    }

    private boolean isKept(Cursor cursor) {
        SubscribeRequest request = SubscribeRequest.every(filter, new Start.After(cursor));
        try {
            view.subscribe(request, Probe.INSTANCE).close();
            return true;
        } catch (ResourceException e) {
            if (e.code() == ErrorCode.EXPIRED_CURSOR) {
                return false;
            }
            throw e;
        }
    }

    /**
     * The request of a subscription.
     *
     * @param start where to start
     * @param filters what else the receiver asked for
     * @return the request
     */
    public SubscribeRequest request(Start start, SourceFilters filters) {
        return new SubscribeRequest(
                java.util.List.of(filter), start, filters.latest() ? Overflow.LATEST : Overflow.EVERY, filters.query());
    }

    /** Only asks; is never delivered to, for it requests nothing. */
    private enum Probe implements Subscriber {
        INSTANCE;

        @Override
        public void onChange(Change change, Reason reason) {
            throw new IllegalStateException("a change without demand");
        }

        @Override
        public void onClosed(ResourceException reason) {
            // The subscription it asks for reports what matters.
        }
    }
}
