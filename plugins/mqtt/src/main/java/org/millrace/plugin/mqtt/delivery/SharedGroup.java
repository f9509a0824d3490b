package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
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
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;

/**
 * One host subscription spread over several clients, to each in turn that has demand. What a member could not deliver
 * comes back and goes to another. While a session that outlives its connection is a member, the group outlives its
 * members' connections and the server: it sleeps at its place, and the next member that connects wakes it. State is
 * guarded by this object's lock, which is held for moments only and never while a subscriber is called.
 */
final class SharedGroup {
    private final GroupKey key;
    private final GroupSurroundings surroundings;
    private final GroupKeeping keeping;

    private final Turns members = new Turns();
    private final SharedLine line = new SharedLine();
    /** The sessions that are members, with a connection or without. */
    private final Set<String> sessions = new HashSet<>(0);

    private @Nullable GroupFeed feed;
    private boolean begun;
    private boolean ended;

    SharedGroup(GroupKey key, GroupSurroundings surroundings, GroupStore store) {
        this(store.newName(), key, surroundings, store);
    }

    private SharedGroup(String name, GroupKey key, GroupSurroundings surroundings, GroupStore store) {
        this.key = key;
        this.surroundings = surroundings;
        this.keeping = new GroupKeeping(name, key, store, this::state, surroundings::soon);
    }

    /** One that an earlier run of the server has kept; it sleeps. */
    SharedGroup(
            String name,
            GroupKey key,
            GroupSurroundings surroundings,
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
    SharedMember join(Entry entry) {
        SharedMember member;
        synchronized (this) {
            if (ended) {
                return null;
            }
            if (feed == null) {
                feed = wake(entry);
            }
            member = new SharedMember(this, keeping, entry, feed);
            members.add(member);
            if (!entry.session.isEmpty()) {
                sessions.add(entry.session);
                members.add(line.settle(entry.session, entry.owned));
            }
        }
        return member;
    }

    private GroupFeed wake(Entry entry) {
        Resources view = entry.views.apply(entry.loop);
        GroupFeed next = new GroupFeed(this, view, entry.loop);
        members.begin();
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
            next.close();
            throw e;
        }
    }

    /** A member's connection ends; its session, if it has one that outlives it, stays a member. */
    void leave(SharedMember member) {
        GroupFeed last = null;
        boolean over;
        synchronized (this) {
            if (!members.remove(member)) {
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
            last.close();
        }
        if (over) {
            end();
        } else {
            keeping.soon();
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
            members.add(line.settle(session, owned));
            over = members.isEmpty() && sessions.isEmpty();
            ended |= over;
            members.handOut();
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
        GroupFeed present;
        synchronized (this) {
            present = feed;
        }
        if (present != null) {
            present.refreshSoon();
        }
        return keeping.place();
    }

    /** Asks the source for as much as the members together have demand for. */
    void ask() {
        GroupFeed present;
        long wanted;
        synchronized (this) {
            members.handOut();
            wanted = members.ask();
            present = feed;
        }
        if (wanted > 0 && present != null) {
            present.request(wanted);
        }
    }

    /** A change comes from a source. */
    void came(GroupFeed from, Change change) {
        synchronized (this) {
            if (feed != from) {
                return;
            }
            members.met();
            if (!change.isJournaled() || line.take(change)) {
                members.handOut(change);
            }
        }
    }

    /** A source has come to a place. */
    void passed(GroupFeed from, Cursor at) {
        Cursor place;
        synchronized (this) {
            if (feed != from) {
                return;
            }
            line.passed(at.position());
            place = line.place();
        }
        keeping.moved(place);
    }

    /** A source has ended, and with it the members' connections. */
    void lost(GroupFeed from, ResourceException reason) {
        List<SharedMember> left;
        boolean over;
        synchronized (this) {
            if (feed != from) {
                return;
            }
            left = members.removeAll();
            sleep();
            over = sessions.isEmpty();
            ended |= over;
        }
        from.close();
        if (over) {
            end();
        }
        left.forEach(member -> member.lost(reason));
    }

    /** The caller holds the lock, and closes the feed. */
    private void sleep() {
        feed = null;
        members.sleep();
        line.sleep();
    }

    // What members do with what they were given.

    /** A member did not get messages, or did not acknowledge them; marks those that others will get. */
    synchronized void takeBack(SharedMember member, List<Outgoing> messages) {
        List<Change> back = new ArrayList<>(messages.size());
        for (Outgoing message : messages) {
            Change change = message.change;
            message.givenBack = change != null && isForOthers(member, change);
            if (change != null && message.givenBack) {
                release(member, change, back);
            }
        }
        members.putBack(back);
    }

    private boolean isForOthers(SharedMember member, Change change) {
        if (ended) {
            return false;
        }
        return member.joined() == feed
                ? !change.isJournaled() || line.isOpen(change.cursor().position())
                : change.isJournaled(); // found again when the group wakes, or woke
    }

    private void release(SharedMember member, Change change, List<Change> back) {
        Change found = change.isJournaled() ? line.release(change.cursor().position(), member.session()) : null;
        if (member.joined() == feed) {
            back.add(change);
        } else if (found != null) {
            back.add(found);
        }
    }

    /** The same of what had not come to the member's event loop. */
    synchronized void takeBackUndelivered(SharedMember member, List<Change> changes) {
        members.putBack(changes.stream()
                .filter(change -> member.joined() == feed && isForOthers(member, change))
                .toList());
    }

    /** A message is over, or its session remembers it. */
    void over(long seq) {
        synchronized (this) {
            line.over(seq);
        }
        keeping.soon();
    }

    /** A message is a session's to finish; of one that ends with its connection nobody need know. */
    synchronized void reserve(long seq, String session) {
        if (session.isEmpty()) {
            line.over(seq);
        } else {
            line.reserve(seq, session);
        }
    }
}
