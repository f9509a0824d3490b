package org.millrace.plugin.mqtt.system;

import io.netty.util.concurrent.EventExecutor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/**
 * One subscription to the system's topics. Behind it stands one of the host's, which shows nothing, but says whether the
 * client may subscribe, has a place in the change stream, and tells when it has caught up. Of a topic only the newest value
 * waits for demand. Used by the connection's event loop only, except where a method says otherwise.
 */
final class SystemSubscription implements Subscription {
    private final TopicFilter filter;
    private final Subscriber subscriber;
    private final EventExecutor loop;
    private final Predicate<Path> visible;
    private final Consumer<SystemSubscription> gone;
    private final Map<Path, Waiting> waiting = new LinkedHashMap<>();
    private @Nullable Subscription behind;
    private @Nullable Cursor caughtUpAt;
    private int presentLeft;
    private long demand;
    private boolean delivering;
    private boolean closed;

    private record Waiting(Change change, Reason reason) {}

    SystemSubscription(
            TopicFilter filter,
            Subscriber subscriber,
            EventExecutor loop,
            Predicate<Path> visible,
            Consumer<SystemSubscription> gone) {
        this.filter = filter;
        this.subscriber = subscriber;
        this.loop = loop;
        this.visible = visible;
        this.gone = gone;
    }

    void open(Resources view, Start start) {
        behind = view.subscribe(SubscribeRequest.every(filter, start), new Subscriber() {
            @Override
            public void onChange(Change change, Reason reason) {
                throw new IllegalStateException("there are no records under " + filter);
            }

            @Override
            public void onCaughtUp(Cursor at) {
                caughtUpAt = at;
                deliver();
            }

            @Override
            public void onClosed(ResourceException reason) {
                close();
                subscriber.onClosed(reason);
            }
        });
    }

    /** What is shown first. */
    void present(List<Change> changes) {
        for (Change change : changes) {
            if (isShown(change)) {
                waiting.put(change.path(), new Waiting(change, Reason.CURRENT));
            }
        }
        presentLeft = waiting.size();
    }

    /** Some topics have new values. Any thread. */
    void changed(List<Change> changes) {
        if (changes.stream().anyMatch(change -> filter.matches(change.path()))) {
            loop.execute(() -> {
                for (Change change : changes) {
                    if (isShown(change)) {
                        waiting.compute(
                                change.path(),
                                (path, before) -> new Waiting(change, before == null ? Reason.LIVE : before.reason()));
                    }
                }
                deliver();
            });
        }
    }

    private boolean isShown(Change change) {
        return filter.matches(change.path()) && visible.test(change.path());
    }

    private void deliver() {
        if (closed || delivering) {
            return;
        }
        delivering = true;
        boolean any = false;
        for (Iterator<Waiting> next = waiting.values().iterator(); !closed && demand > 0 && next.hasNext(); ) {
            Waiting first = next.next();
            next.remove();
            demand--;
            any = true;
            if (first.reason() == Reason.CURRENT) {
                presentLeft--;
            }
            subscriber.onChange(first.change(), first.reason());
        }
        Cursor at = caughtUpAt;
        if (!closed && at != null && presentLeft == 0) {
            caughtUpAt = null;
            subscriber.onCaughtUp(at);
        }
        delivering = false;
        if (any && !closed) {
            subscriber.onBatchEnd();
        }
    }

    @Override
    public void request(long n) {
        demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        Subscription host = behind;
        if (host != null) {
            host.request(n);
        }
        deliver();
    }

    @Override
    public Cursor position() {
        Subscription host = behind;
        if (host == null) {
            throw new IllegalStateException("not open");
        }
        return host.position();
    }

    @Override
    public void close() {
        closed = true;
        waiting.clear();
        gone.accept(this);
        Subscription host = behind;
        if (host != null) {
            host.close();
        }
    }
}
