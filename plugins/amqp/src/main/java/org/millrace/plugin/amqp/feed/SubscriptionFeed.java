package org.millrace.plugin.amqp.feed;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/** A subscription that serves one receiver. Used by the event loop its view was opened with. */
public final class SubscriptionFeed implements Feed, Subscriber {
    private final Resources view;
    private final SubscribeRequest request;
    private final Predicate<Change> wanted;
    private final Receiver receiver;
    private @Nullable Subscription source;
    private boolean past;

    private SubscriptionFeed(Resources view, SubscribeRequest request, Predicate<Change> wanted, Receiver receiver) {
        this.view = view;
        this.request = request;
        this.wanted = wanted;
        this.receiver = receiver;
    }

    /**
     * Subscribes.
     *
     * @param view the receiver's
     * @param request what to follow
     * @param wanted which changes the receiver is offered
     * @param receiver receives them
     * @return the feed, waiting for demand
     * @throws ResourceException if the host refuses the subscription
     */
    public static SubscriptionFeed open(
            Resources view, SubscribeRequest request, Predicate<Change> wanted, Receiver receiver) {
        SubscriptionFeed feed = new SubscriptionFeed(view, request, wanted, receiver);
        feed.past = !(request.start() instanceof Start.Now);
        feed.source = view.subscribe(request, feed);
        return feed;
    }

    private Subscription source() {
        if (source == null) {
            throw new IllegalStateException("not subscribed yet");
        }
        return source;
    }

    @Override
    public void request(long n) {
        source().request(n);
    }

    @Override
    public boolean withdraw() {
        return false;
    }

    @Override
    public void settle(Item item, Outcome outcome) {
        switch (outcome) {
            case ACCEPTED, REJECTED, UNWANTED -> {}
            case RELEASED -> receiver.offer(item.repeated());
            case FAILED -> receiver.offer(item.failed());
        }
    }

    @Override
    public void askIdle(Consumer<Boolean> answer) {
        answer.accept(!past && isAtHead(view, request, source()));
    }

    /** Whether a subscription has come as far as one that starts now. */
    static boolean isAtHead(Resources view, SubscribeRequest request, Subscription source) {
        SubscribeRequest now = new SubscribeRequest(request.filters(), Start.NOW, request.overflow(), request.query());
        try (Subscription probe = view.subscribe(now, Silent.INSTANCE)) {
            return source.position().position() >= probe.position().position();
        }
    }

    @Override
    public void close(boolean forGood) {
        source().close();
    }

    @Override
    public void onChange(Change change, Reason reason) {
        if (wanted.test(change)) {
            receiver.offer(new Item(change, 0, false, false));
        } else {
            source().request(1);
        }
    }

    @Override
    public void onCaughtUp(org.millrace.spi.resource.Cursor at) {
        past = false;
        receiver.batchEnd();
    }

    @Override
    public void onBatchEnd() {
        receiver.batchEnd();
    }

    @Override
    public void onClosed(ResourceException reason) {
        receiver.ended(reason);
    }

    /** Only asks; is never delivered to, for it requests nothing. */
    enum Silent implements Subscriber {
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
