package org.millrace.host.resources;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/**
 * A view's subscription: stands between the engine and the plugin's subscriber, so that the view knows which of its
 * subscriptions are open.
 */
final class ViewSubscription implements Subscription, Subscriber {
    private final ResourcesView view;
    private final Subscriber subscriber;
    private volatile @Nullable Subscription running;
    private volatile boolean over;

    ViewSubscription(ResourcesView view, Subscriber subscriber) {
        this.view = view;
        this.subscriber = subscriber;
    }

    /** Called once, by the thread that subscribes, before anybody else sees this. */
    void runs(Subscription subscription) {
        running = subscription;
    }

    /** Whether nothing more will be delivered. */
    boolean isOver() {
        return over;
    }

    private Subscription running() {
        return Objects.requireNonNull(running);
    }

    @Override
    public void request(long n) {
        running().request(n);
    }

    @Override
    public Cursor position() {
        return running().position();
    }

    @Override
    public void close() {
        over = true;
        view.forget(this);
        running().close();
    }

    @Override
    public void onChange(Change change, Reason reason) {
        subscriber.onChange(change, reason);
    }

    @Override
    public void onCaughtUp(Cursor at) {
        subscriber.onCaughtUp(at);
    }

    @Override
    public void onGap(Gap gap) {
        subscriber.onGap(gap);
    }

    @Override
    public void onBatchEnd() {
        subscriber.onBatchEnd();
    }

    @Override
    public void onClosed(ResourceException reason) {
        over = true;
        view.forget(this);
        subscriber.onClosed(reason);
    }
}
