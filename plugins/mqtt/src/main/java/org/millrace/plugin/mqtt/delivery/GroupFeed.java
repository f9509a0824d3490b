package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** A group's subscription to the host between waking and sleeping. Called on the event loop of the member that woke it. */
final class GroupFeed implements Subscriber {
    private final SharedGroup group;
    private final Resources view;
    private final EventExecutor loop;
    private @Nullable Subscription source;

    /**
     * Makes one that follows nothing yet.
     *
     * @param view is closed with the feed
     */
    GroupFeed(SharedGroup group, Resources view, EventExecutor loop) {
        this.group = group;
        this.view = view;
        this.loop = loop;
    }

    /** Begins to follow; gives where. */
    Cursor follow(TopicFilter filter, Start start) {
        Subscription opened = view.subscribe(SubscribeRequest.every(filter, start), this);
        source = opened;
        return opened.position();
    }

    private Subscription source() {
        if (source == null) {
            throw new IllegalStateException("not followed yet");
        }
        return source;
    }

    /** How far it is. */
    Cursor position() {
        return source().position();
    }

    void request(long n) {
        source().request(n);
    }

    void close() {
        view.close();
    }

    /** Has the group told soon how far it is. Any thread may call. */
    void refreshSoon() {
        loop.execute(this::refresh);
    }

    /** Tells how far the source is; on its own executor, where it is between two changes. */
    private void refresh() {
        group.passed(this, position());
    }

    @Override
    public void onChange(Change change, Reason reason) {
        group.came(this, change);
    }

    @Override
    public void onCaughtUp(Cursor at) {
        refresh();
    }

    @Override
    public void onBatchEnd() {
        refresh();
        group.ask(); // for what was passed over
    }

    @Override
    public void onClosed(ResourceException reason) {
        group.lost(this, reason);
    }
}
