package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscription;

/**
 * One client's part in a group: its demand, and what the group has given it. Its state is guarded by the group's lock; it
 * delivers on its client's event loop.
 */
final class SharedMember implements Subscription {
    private final SharedGroup group;
    private final GroupKeeping keeping;
    private final MqttSubscription subscription;
    private final EventExecutor loop;
    private final String session;
    private final GroupFeed joined;

    private List<Change> batch = new ArrayList<>(1);
    private long credit;

    SharedMember(SharedGroup group, GroupKeeping keeping, SharedGroup.Entry entry, GroupFeed joined) {
        this.group = group;
        this.keeping = keeping;
        this.subscription = entry.subscription();
        this.loop = entry.loop();
        this.session = entry.session();
        this.joined = joined;
    }

    /** The name of its session's durable state; empty if it has none. */
    String session() {
        return session;
    }

    /** What the group lived on when the client joined; what is done of another one's changes is no concern of it. */
    GroupFeed joined() {
        return joined;
    }

    @Override
    public void request(long n) {
        synchronized (group) {
            credit += n;
        }
        group.ask();
    }

    @Override
    public Cursor position() {
        return joined.position();
    }

    @Override
    public void close() {
        group.leave(this);
    }

    /** What it may be given; the caller holds the group's lock. */
    long credit() {
        return credit;
    }

    /** Adds to what the client gets next; the caller holds the group's lock. */
    void take(Change change) {
        credit--;
        batch.add(change);
        if (batch.size() == 1) {
            loop.execute(this::deliver);
        }
    }

    private void deliver() {
        List<Change> changes;
        synchronized (group) {
            changes = batch;
            batch = new ArrayList<>(1);
        }
        for (int i = 0; i < changes.size(); i++) {
            if (subscription.isClosed()) {
                group.takeBackUndelivered(this, changes.subList(i, changes.size()));
                break;
            }
            subscription.onChange(changes.get(i), Reason.LIVE);
        }
        subscription.onBatchEnd();
    }

    /** The group has lost what it lived on. Any thread may call. */
    void lost(ResourceException reason) {
        loop.execute(() -> subscription.onClosed(reason));
    }

    /** Returns messages that the client did not get, or did not acknowledge; marks those that others will get. */
    void giveBack(List<Outgoing> messages) {
        group.takeBack(this, messages);
    }

    /** A message is over, or the session remembers it. */
    void over(long seq) {
        group.over(seq);
    }

    /** A message is this session's to finish, from the time that is durable; see {@link #keepReserved}. */
    void reserve(long seq) {
        group.reserve(seq, session);
    }

    /** Completes on any thread when what is reserved is durable. */
    CompletionStage<Void> keepReserved() {
        return keeping.save();
    }

    /** Names the first state of the group that is sure to contain what has happened by now. */
    long nextState() {
        return keeping.next();
    }

    /** Whether a restart would go on from a state that was named so, or from a later one. */
    boolean isDurable(long state) {
        return keeping.isDurable(state);
    }

    /** Makes the session a member that outlives its connection; completes on any thread when that is durable. */
    CompletionStage<Void> keep() {
        return keeping.join(session);
    }
}
