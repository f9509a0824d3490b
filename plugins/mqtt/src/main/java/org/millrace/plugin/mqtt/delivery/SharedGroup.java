package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
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

/**
 * One host subscription spread over several clients, to each in turn that has demand. What a member could not deliver
 * comes back and goes to another. State is guarded by this object's lock, which is held for moments only and never while
 * a subscriber is called.
 */
final class SharedGroup implements Subscriber {
    private final Resources view;
    private final Subscription source;
    private final Consumer<SharedGroup> gone;

    private final List<Membership> members = new ArrayList<>(2);
    /** Changes no member has demand for: those given back, and those asked for by members that left. */
    private final ArrayDeque<Change> undelivered = new ArrayDeque<>(0);

    private int turn;
    private long requested;
    private boolean closed;

    private SharedGroup(
            Function<Executor, Resources> views, TopicFilter filter, EventExecutor loop, Consumer<SharedGroup> gone) {
        this.gone = gone;
        this.view = views.apply(loop);
        this.source = view.subscribe(SubscribeRequest.every(filter, Start.NOW), this);
    }

    static SharedGroup open(
            Function<Executor, Resources> views, TopicFilter filter, EventExecutor loop, Consumer<SharedGroup> gone) {
        return new SharedGroup(views, filter, loop, gone);
    }

    /** Adds a member; null if the group has just ended. */
    synchronized @Nullable Subscription join(MqttSubscription subscription, EventExecutor loop) {
        if (closed) {
            return null;
        }
        Membership membership = new Membership(subscription, loop);
        members.add(membership);
        return membership;
    }

    @Override
    public void onChange(Change change, Reason reason) {
        synchronized (this) {
            requested--;
            undelivered.add(change);
        }
        distribute();
    }

    @Override
    public void onClosed(ResourceException reason) {
        List<Membership> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(members);
            members.clear();
        }
        gone.accept(this);
        view.close();
        for (Membership member : left) {
            member.loop.execute(() -> member.subscription.onClosed(reason));
        }
    }

    private synchronized void distribute() {
        while (!undelivered.isEmpty()) {
            Membership member = next();
            if (member == null) {
                return;
            }
            member.credit--;
            member.take(undelivered.remove());
        }
    }

    private @Nullable Membership next() {
        for (int i = 0; i < members.size(); i++) {
            turn = (turn + 1) % members.size();
            Membership member = members.get(turn);
            if (member.credit > 0) {
                return member;
            }
        }
        return null;
    }

    /** One client's part in the group. */
    final class Membership implements Subscription {
        private final MqttSubscription subscription;
        private final EventExecutor loop;
        private List<Change> batch = new ArrayList<>(1);
        private long credit;

        private Membership(MqttSubscription subscription, EventExecutor loop) {
            this.subscription = subscription;
            this.loop = loop;
        }

        @Override
        public void request(long n) {
            long wanted;
            synchronized (SharedGroup.this) {
                credit += n;
                distribute();
                long credits = 0;
                for (Membership member : members) {
                    credits += member.credit;
                }
                wanted = credits - requested;
                requested = Math.max(credits, requested);
            }
            if (wanted > 0) {
                source.request(wanted);
            }
        }

        @Override
        public Cursor position() {
            return source.position();
        }

        @Override
        public void close() {
            boolean last;
            synchronized (SharedGroup.this) {
                if (!members.remove(this)) {
                    return;
                }
                last = members.isEmpty();
                closed |= last;
            }
            if (last) {
                gone.accept(SharedGroup.this);
                view.close();
            }
        }

        /** Returns a message that this member did not get, or did not acknowledge; false if there is no other. */
        boolean giveBack(Change change) {
            synchronized (SharedGroup.this) {
                if (closed) {
                    return false;
                }
                undelivered.addFirst(change);
                distribute();
                return true;
            }
        }

        /** Adds to what the member gets next; the caller holds the lock. */
        private void take(Change change) {
            batch.add(change);
            if (batch.size() == 1) {
                loop.execute(this::deliver);
            }
        }

        private void deliver() {
            List<Change> changes;
            synchronized (SharedGroup.this) {
                changes = batch;
                batch = new ArrayList<>(1);
            }
            for (Change change : changes) {
                if (subscription.isClosed()) {
                    boolean unused = giveBack(change); // a group without members has nobody to lose it
                } else {
                    subscription.onChange(change, Reason.LIVE);
                }
            }
            subscription.onBatchEnd();
        }
    }
}
