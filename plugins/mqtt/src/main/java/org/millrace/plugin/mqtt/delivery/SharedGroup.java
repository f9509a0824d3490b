package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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
 * comes back and goes to another. While a session that outlives its connection is a member, the group outlives its
 * members' connections and the server: it sleeps at its place, and the next member that connects wakes it. State is
 * guarded by this object's lock, which is held for moments only and never while a subscriber is called.
 */
final class SharedGroup {
    private final GroupKey key;
    private final Surroundings surroundings;
    private final GroupKeeping keeping;

    private final List<Membership> members = new ArrayList<>(2);
    /** Changes no member has demand for: those given back, and those asked for by members that left. */
    private final ArrayDeque<Change> undelivered = new ArrayDeque<>(0);

    private final SharedLine line = new SharedLine();
    /** The sessions that are members, with a connection or without. */
    private final Set<String> sessions = new HashSet<>(0);

    private @Nullable Feed feed;
    private boolean begun;
    private int turn;
    private long requested;
    private boolean ended;

    /** What groups have in common. */
    interface Surroundings {
        /** The group has neither members nor sessions. */
        void gone(SharedGroup group, GroupKey key);

        /** The journal does not go back to the group's place. */
        void lostPlace(GroupKey key, ResourceException reason);

        /** Runs a short task a little later, on any thread. */
        void soon(Runnable task);
    }

    SharedGroup(GroupKey key, Surroundings surroundings, GroupStore store) {
        this(store.newName(), key, surroundings, store);
    }

    private SharedGroup(String name, GroupKey key, Surroundings surroundings, GroupStore store) {
        this.key = key;
        this.surroundings = surroundings;
        this.keeping = new GroupKeeping(name, key, store, this::state, surroundings::soon);
    }

    /** One that an earlier run of the server has kept; it sleeps. */
    SharedGroup(
            String name,
            GroupKey key,
            Surroundings surroundings,
            GroupStore store,
            GroupState state,
            Set<String> sessions) {
        this(name, key, surroundings, store);
        line.restore(state, sessions);
        begun = true;
        this.sessions.addAll(sessions);
        keeping.found(state);
    }

    private synchronized GroupState state() {
        return line.state();
    }

    /** What a client brings when it joins. */
    record Entry(
            MqttSubscription subscription,
            EventExecutor loop,
            Function<Executor, Resources> views,
            String session,
            Set<Long> owned) {}

    /** Adds a member; null if the group has just ended. */
    @Nullable
    Membership join(Entry entry) {
        Membership membership;
        synchronized (this) {
            if (ended) {
                return null;
            }
            if (feed == null) {
                feed = wake(entry);
            }
            membership = new Membership(entry, feed);
            members.add(membership);
            if (!entry.session.isEmpty()) {
                sessions.add(entry.session);
                line.settle(entry.session, entry.owned).forEach(undelivered::addLast);
            }
        }
        return membership;
    }

    private Feed wake(Entry entry) {
        Resources view = entry.views.apply(entry.loop);
        Feed next = new Feed(view, entry.loop);
        requested = 0;
        try {
            if (begun) {
                try {
                    next.follow(key.filter(), new Start.After(line.place()));
                    return next;
                } catch (ResourceException e) {
                    surroundings.lostPlace(key, e);
                }
            }
            line.begin(next.follow(key.filter(), Start.NOW));
            begun = true;
            return next;
        } catch (ResourceException e) {
            view.close();
            throw e;
        }
    }

    /**
     * A session is no member any more; what is reserved to it and it does not have is for others.
     *
     * @return completes when a restart would know that
     */
    CompletionStage<Void> leave(String session, Set<Long> owned) {
        boolean over;
        synchronized (this) {
            if (!sessions.remove(session)) {
                return CompletableFuture.completedStage(null);
            }
            line.settle(session, owned).forEach(undelivered::addLast);
            over = members.isEmpty() && sessions.isEmpty();
            ended |= over;
            distribute();
        }
        if (over) {
            keeping.leave(session);
            end();
            return CompletableFuture.completedStage(null);
        }
        // As long as something may be reserved to it, it is to be found among the members, who alone can settle that.
        return keeping.save().thenRun(() -> forget(session));
    }

    private synchronized void forget(String session) {
        if (!sessions.contains(session)) { // it may have joined again
            keeping.leave(session);
        }
    }

    /** A session remembers some of what was reserved to it; by now it may have been given more. */
    void settled(String session, Set<Long> owned) {
        synchronized (this) {
            line.remembered(session, owned);
        }
        keeping.soon();
    }

    /** A member could not join a group that nobody else has joined. */
    void endIfUnused() {
        synchronized (this) {
            if (!members.isEmpty() || !sessions.isEmpty()) {
                return;
            }
            ended = true;
        }
        end();
    }

    CompletionStage<Void> save() {
        return keeping.save();
    }

    private void end() {
        keeping.forget();
        surroundings.gone(this, key);
    }

    /** The place the journal is to be kept from; null if the group does not outlive its members. Any thread may ask. */
    @Nullable
    Cursor keptPlace() {
        Feed present;
        synchronized (this) {
            present = feed;
        }
        if (present != null) {
            present.loop.execute(present::refresh);
        }
        return keeping.place();
    }

    private void distribute() {
        while (!undelivered.isEmpty()) {
            Membership member = next();
            if (member == null) {
                return;
            }
            member.credit--;
            member.take(undelivered.remove());
        }
    }

    /** Those that come back go before the others, in their order. */
    private void putBack(List<Change> changes) {
        changes.reversed().forEach(undelivered::addFirst);
        distribute();
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

    /** Asks the source for as much as the members together have demand for. */
    private void top() {
        Feed present;
        long wanted;
        synchronized (this) {
            distribute();
            long credits = 0;
            for (Membership member : members) {
                credits += member.credit;
            }
            wanted = credits - requested;
            requested = Math.max(credits, requested);
            present = feed;
        }
        if (wanted > 0 && present != null) {
            present.source().request(wanted);
        }
    }

    /** The host's subscription between waking and sleeping. */
    private final class Feed implements Subscriber {
        private final Resources view;
        private final EventExecutor loop;
        private @Nullable Subscription source;

        Feed(Resources view, EventExecutor loop) {
            this.view = view;
            this.loop = loop;
        }

        Cursor follow(TopicFilter filter, Start start) {
            Subscription opened = view.subscribe(SubscribeRequest.every(filter, start), this);
            source = opened;
            return opened.position();
        }

        Subscription source() {
            if (source == null) {
                throw new IllegalStateException("not followed yet");
            }
            return source;
        }

        private boolean isOver() {
            return feed != this;
        }

        @Override
        public void onChange(Change change, Reason reason) {
            synchronized (SharedGroup.this) {
                if (isOver()) {
                    return;
                }
                requested--;
                if (!change.isJournaled() || line.take(change)) {
                    undelivered.add(change);
                    distribute();
                }
            }
        }

        @Override
        public void onCaughtUp(Cursor at) {
            refresh();
        }

        @Override
        public void onBatchEnd() {
            refresh();
            top(); // for what was passed over
        }

        /** Notes how far the source is; on its own executor, where it is between two changes. */
        private void refresh() {
            Cursor at = source().position();
            Cursor place;
            synchronized (SharedGroup.this) {
                if (isOver()) {
                    return;
                }
                line.passed(at.position());
                place = line.place();
            }
            keeping.moved(place);
        }

        @Override
        public void onClosed(ResourceException reason) {
            List<Membership> left;
            boolean over;
            synchronized (SharedGroup.this) {
                if (isOver()) {
                    return;
                }
                left = List.copyOf(members);
                members.clear();
                sleep();
                over = sessions.isEmpty();
                ended |= over;
            }
            view.close();
            if (over) {
                end();
            }
            for (Membership member : left) {
                member.loop.execute(() -> member.subscription.onClosed(reason));
            }
        }
    }

    /** The caller holds the lock, and closes the feed's view. */
    private void sleep() {
        feed = null;
        undelivered.clear();
        line.sleep();
    }

    /** One client's part in the group. */
    final class Membership implements Subscription {
        private final MqttSubscription subscription;
        private final EventExecutor loop;
        private final String session;
        /** What the group lived on when the client joined; what is done of another one's changes is no concern of it. */
        private final Feed joined;

        private List<Change> batch = new ArrayList<>(1);
        private long credit;

        private Membership(Entry entry, Feed joined) {
            this.subscription = entry.subscription;
            this.loop = entry.loop;
            this.session = entry.session;
            this.joined = joined;
        }

        @Override
        public void request(long n) {
            synchronized (SharedGroup.this) {
                credit += n;
            }
            top();
        }

        @Override
        public Cursor position() {
            return joined.source().position();
        }

        @Override
        public void close() {
            Feed last = null;
            boolean over;
            synchronized (SharedGroup.this) {
                if (!members.remove(this)) {
                    return;
                }
                if (members.isEmpty()) {
                    last = feed;
                    sleep();
                }
                over = members.isEmpty() && sessions.isEmpty();
                ended |= over;
            }
            if (last != null) {
                last.view.close();
            }
            if (over) {
                end();
            } else {
                keeping.soon();
            }
        }

        /** Returns messages that the client did not get, or did not acknowledge; marks those that others will get. */
        void giveBack(List<Outgoing> messages) {
            synchronized (SharedGroup.this) {
                List<Change> back = new ArrayList<>(messages.size());
                for (Outgoing message : messages) {
                    Change change = message.change;
                    message.givenBack = change != null && isForOthers(change);
                    if (change != null && message.givenBack) {
                        release(change, back);
                    }
                }
                putBack(back);
            }
        }

        /** The caller holds the lock. */
        private boolean isForOthers(Change change) {
            if (ended) {
                return false;
            }
            return joined == feed
                    ? !change.isJournaled() || line.isOpen(change.cursor().position())
                    : change.isJournaled(); // found again when the group wakes, or woke
        }

        private void release(Change change, List<Change> back) {
            Change found = change.isJournaled() ? line.release(change.cursor().position(), session) : null;
            if (joined == feed) {
                back.add(change);
            } else if (found != null) {
                back.add(found);
            }
        }

        private void giveBackUndelivered(List<Change> changes) {
            synchronized (SharedGroup.this) {
                putBack(changes.stream()
                        .filter(change -> joined == feed && isForOthers(change))
                        .toList());
            }
        }

        /** A message is over, or the session remembers it. */
        void over(long seq) {
            synchronized (SharedGroup.this) {
                line.over(seq);
            }
            keeping.soon();
        }

        /** A message is this session's to finish, from the time that is durable; see {@link #keepReserved}. */
        void reserve(long seq) {
            synchronized (SharedGroup.this) {
                if (session.isEmpty()) {
                    line.over(seq);
                } else {
                    line.reserve(seq, session);
                }
            }
        }

        /** Names the first state of the group that is sure to contain what has happened by now. */
        long nextState() {
            return keeping.next();
        }

        /** Whether a restart would go on from a state that was named so, or from a later one. */
        boolean isDurable(long state) {
            return keeping.isDurable(state);
        }

        /** Completes on any thread when what is reserved is durable. */
        CompletionStage<Void> keepReserved() {
            return keeping.save();
        }

        /** Makes the session a member that outlives its connection; completes on any thread when that is durable. */
        CompletionStage<Void> keep() {
            return keeping.join(session);
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
            for (int i = 0; i < changes.size(); i++) {
                if (subscription.isClosed()) {
                    giveBackUndelivered(changes.subList(i, changes.size()));
                    break;
                }
                subscription.onChange(changes.get(i), Reason.LIVE);
            }
            subscription.onBatchEnd();
        }
    }
}
