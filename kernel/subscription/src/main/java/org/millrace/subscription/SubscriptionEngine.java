package org.millrace.subscription;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.store.ThreadEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers changes to subscribers: what is under {@link Resources#subscribe}. It checks no grants of its own; each
 * subscription brings a predicate that says which paths it may see.
 *
 * <p><b>Threads.</b> All methods may be called on any thread and do not block, but for {@link #close}. Subscribers are
 * called on the executor they came with, one at a time and in order, and never by a method of this class: an executor
 * must not run a task within {@code execute}. The predicate and the condition of a live query are asked on the threads
 * of this engine and of publishers; they must not block.
 *
 * <p><b>Places.</b> A record of the present state carries the place of its own last change. A subscription's position is
 * the place at which the present state began until all of it is shown: who goes on from there misses no change, but the
 * records that were not shown yet; before {@code onCaughtUp} it is better to start with the present state again. A
 * {@link Overflow#LATEST} subscription that is told of a gap is shown the present state again, and
 * {@code onCaughtUp} after it.
 *
 * <p><b>Bounds.</b> Nothing waits for a subscriber but what it requested, and of that no more than
 * {@link SubscriptionOptions#maxInFlight()}.
 */
public final class SubscriptionEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionEngine.class);

    private final ChangeSource changes;
    private final RecordSource records;
    private final SubscriptionOptions options;
    private final Followers followers = new Followers();
    private final Set<ChangeSubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final FanOut fanOut;
    private final CatchUp catchUp;
    private final Registration wakeup;
    private final Thread thread;
    private final LagGate lagGate;
    private final Mailboxes mailboxes = new Mailboxes(this::abandon);
    private volatile boolean open = true;
    private volatile UnaryOperator<Cursor> elsewhere = UnaryOperator.identity();

    /**
     * Makes an engine whose fan-out thread is not started: {@link #turn} takes its place.
     *
     * @param readers runs what reads the journal and the store; its tasks may block for the disk
     */
    SubscriptionEngine(ChangeSource changes, RecordSource records, SubscriptionOptions options, Executor readers) {
        this.changes = changes;
        this.records = records;
        this.options = options;
        this.lagGate = new LagGate(options.maxLag());
        PathHashes paths = new PathHashes(options.indexedChanges());
        this.fanOut = new FanOut(this, changes, followers, paths, options);
        this.catchUp = new CatchUp(changes, records, paths, options, readers, fanOut);
        this.thread = Thread.ofPlatform().name("millrace-fan-out").unstarted(this::follow);
        this.wakeup = changes.onPublished(fanOut::signal);
    }

    /**
     * Starts an engine.
     *
     * @param changes the journal
     * @param records the store
     * @param options the limits
     * @param readers runs what reads the journal and the store; its tasks may block for the disk, and at most
     *     {@link SubscriptionOptions#readers()} run at once
     * @return the engine
     */
    public static SubscriptionEngine start(
            ChangeSource changes, RecordSource records, SubscriptionOptions options, Executor readers) {
        SubscriptionEngine engine = new SubscriptionEngine(changes, records, options, readers);
        engine.thread.start();
        return engine;
    }

    /**
     * Begins a subscription without a query; see {@link Resources#subscribe}.
     *
     * @param request what to follow
     * @param subscriber receives the changes
     * @param executor calls the subscriber
     * @param visible which paths the subscriber may see
     * @return the subscription, waiting for the first request
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if the request has a query, otherwise as
     *     {@link #subscribe(SubscribeRequest, Subscriber, Executor, Predicate, ContentCondition)}
     */
    public Subscription subscribe(
            SubscribeRequest request, Subscriber subscriber, Executor executor, Predicate<Path> visible) {
        if (!request.query().isEmpty()) {
            throw new ResourceException(ErrorCode.UNSUPPORTED, "this host offers no live queries");
        }
        return begin(request, subscriber, executor, visible, null);
    }

    /**
     * Begins a live query: shows what satisfies the condition, what comes to and what ceases to. "Before" is what this
     * subscription was shown, so without {@link Start#CURRENT} the first sight of a record is that it enters. After a
     * cursor, what the subscriber was shown earlier is not known: a record that does not match is shown as leaving at the
     * first change behind the cursor, in case it belonged to the result. An event is shown if its content satisfies the
     * condition.
     *
     * @param request what to follow
     * @param subscriber receives the changes
     * @param executor calls the subscriber
     * @param visible which paths the subscriber may see
     * @param condition the request's query, compiled
     * @return the subscription, waiting for the first request; it ends with {@link ErrorCode#TOO_LARGE} if the result
     *     has more than {@link SubscriptionOptions#liveQueryMembers()} records
     * @throws ResourceException {@link ErrorCode#INVALID} for a cursor of another node,
     *     {@link ErrorCode#EXPIRED_CURSOR} if the journal has it no longer, {@link ErrorCode#UNAVAILABLE} after
     *     {@link #close}
     */
    public Subscription subscribe(
            SubscribeRequest request,
            Subscriber subscriber,
            Executor executor,
            Predicate<Path> visible,
            ContentCondition condition) {
        boolean resumed = request.start() instanceof Start.After;
        LiveQuery query = new LiveQuery(condition, options.liveQueryMembers(), resumed);
        return begin(request, subscriber, executor, visible, query);
    }

    private Subscription begin(
            SubscribeRequest request,
            Subscriber subscriber,
            Executor executor,
            Predicate<Path> visible,
            @Nullable LiveQuery query) {
        StartingPoint start = StartingPoint.of(request.start(), changes, elsewhere);
        ChangeSubscription subscription = new ChangeSubscription(
                this,
                mailboxes.acquire(executor),
                subscriber,
                new Interest(request.filters().stream().distinct().toList(), visible, query),
                request.overflow() == Overflow.LATEST,
                start);
        subscriptions.add(subscription);
        followers.add(subscription);
        if (!open) {
            subscription.close();
            followers.remove(subscription);
            throw stopping();
        }
        if (subscription.isOver()) {
            // Its executor refused a task of a neighbour meanwhile, and all there were closed before it followed.
            followers.remove(subscription);
        }
        return subscription;
    }

    /**
     * Delivers an event that is in no journal ({@link org.millrace.spi.resource.Durability#MEMORY}) to the subscriptions
     * that match it and have demand; the others lose it. Events published by one thread stay in order.
     *
     * @param event of kind {@link org.millrace.spi.resource.ChangeKind#EVENT}, or what became of a record that is computed
     *     and not stored; its cursor is the place of the last journaled change
     */
    public void publishTransient(Change event) {
        followers.match(event.path(), new Passing(event));
    }

    /**
     * How many subscriptions a change of a path would reach.
     *
     * @param path any path
     * @return a count that other threads may be altering
     */
    public int count(Path path) {
        return followers.count(path);
    }

    /**
     * Sets what becomes of cursors of other nodes.
     *
     * @param translation gives a cursor of this node from which nothing is missed, or the same cursor, which is refused
     *     then; may refuse it by itself with a {@link ResourceException}
     */
    public void cursorsFromElsewhere(UnaryOperator<Cursor> translation) {
        elsewhere = translation;
    }

    /**
     * The tables that subscriptions are about.
     *
     * @param most how many at most are of interest
     * @return the first levels of their filters; empty if some filter matches any table, or there are more than so many
     */
    public Optional<Set<String>> tables(int most) {
        return followers.tables(most);
    }

    /**
     * How many subscriptions there are.
     *
     * @return a count that other threads may be altering
     */
    public int size() {
        return subscriptions.size();
    }

    /**
     * How far fan-out is behind the published changes.
     *
     * @return a number of changes
     */
    public long lag() {
        return Math.max(0, changes.publishedSeq() - fanOut.followedSeq());
    }

    /**
     * Whether fan-out is so far behind that more should not be taken in from clients that can wait. Fan-out never waits
     * for a subscriber, only works: this passes by itself, and no slow subscriber can bring it about. Without it, writers
     * that are faster for long push fan-out out of the memory it reads from, and in the end behind retention.
     *
     * @return true from a lag of {@link SubscriptionOptions#maxLag()} changes on, until it has halved
     */
    public boolean isLagging() {
        return lagGate.isShut(lag());
    }

    /**
     * Runs a task when fan-out is no longer {@link #isLagging lagging}. Each caller should have one task waiting at most.
     *
     * @param task run at once on this thread, or later on the fan-out thread; must return at once
     */
    public void whenCaughtUp(Runnable task) {
        lagGate.whenOpen(task, lag());
    }

    /**
     * Ends all subscriptions with {@link ErrorCode#UNAVAILABLE} and waits for the fan-out thread and the readers to end,
     * so that journal and store may be closed afterwards.
     */
    @Override
    public void close() {
        open = false;
        wakeup.close();
        fanOut.signal();
        if (thread != Thread.currentThread()) {
            ThreadEnd.await(thread);
        }
        lagGate.openForGood();
        endAll(stopping());
        catchUp.close();
    }

    private static ResourceException stopping() {
        return new ResourceException(ErrorCode.UNAVAILABLE, "the host is stopping; connect again later");
    }

    private void endAll(ResourceException reason) {
        for (ChangeSubscription subscription : subscriptions) {
            subscription.end(reason);
        }
    }

    // The fan-out thread.

    private void follow() {
        try {
            fanOut.run();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "The journal cannot be followed; all subscriptions are closed and no new ones are taken. Look for"
                            + " earlier messages about the disk, then restart",
                    e);
            open = false;
            endAll(new ResourceException(
                    ErrorCode.UNAVAILABLE, "changes cannot be read from the journal; the server's log has the cause"));
        } finally {
            fanOut.close();
        }
    }

    /** One turn of the fan-out thread, for an engine that was not started. */
    boolean turn() {
        return fanOut.turn();
    }

    // What subscriptions call.

    boolean isOpen() {
        return open;
    }

    long node() {
        return changes.node();
    }

    long followedSeq() {
        return fanOut.followedSeq();
    }

    /** Called by the fan-out thread after it has moved on. */
    void moved() {
        lagGate.relieve(lag());
    }

    SubscriptionOptions options() {
        return options;
    }

    Comparator<Path> recordOrder() {
        return records::compare;
    }

    Set<ChangeSubscription> subscriptions() {
        return subscriptions;
    }

    /** Sends a subscription that became {@code ACTIVE} on its way: near the head there is no need of a reader. */
    void resume(ChangeSubscription subscription) {
        if (subscription.scan() == null && fanOut.followedSeq() - subscription.seenTo() <= options.handOverChanges()) {
            fanOut.arrive(subscription);
        } else {
            catchUp.enter(subscription);
        }
    }

    void arrive(ChangeSubscription subscription) {
        fanOut.arrive(subscription);
    }

    void catchUp(ChangeSubscription subscription) {
        catchUp.enter(subscription);
    }

    /** Removes a subscription that ended. */
    void forget(ChangeSubscription subscription) {
        if (!subscriptions.remove(subscription)) {
            return;
        }
        followers.remove(subscription);
        mailboxes.release(subscription.mailbox());
    }

    /** Takes a parked subscription out of the fan-out thread's way. */
    void rest(ChangeSubscription subscription) {
        followers.rest(subscription);
        // Demand that came just before the state changed did not see it.
        subscription.wake();
    }

    /** Brings it back, because there is demand. */
    void rouse(ChangeSubscription subscription) {
        followers.rouse(subscription);
    }

    /** Closes the subscriptions of an executor that takes no more tasks. */
    private void abandon(Mailbox mailbox) {
        for (ChangeSubscription subscription : subscriptions) {
            if (subscription.mailbox() == mailbox) {
                subscription.close();
            }
        }
    }
}
