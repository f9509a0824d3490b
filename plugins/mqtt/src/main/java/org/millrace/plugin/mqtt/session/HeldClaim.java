package org.millrace.plugin.mqtt.session;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;

/**
 * A hold on a client id: a connection's, and then that of the session it has left until it is on disk; or of who looks
 * after a session on disk; or of another node. Safe for use by any thread.
 */
final class HeldClaim implements Sessions.Claim, Departures.Hold {
    /** Whose holder need not be told of the next. */
    static final Sessions.Holder NOBODY = () -> {};

    private final Claims claims;
    private final String clientId;
    private final boolean foreign;
    private volatile Sessions.Holder holder;
    private final CompletableFuture<Optional<SessionState>> released = new CompletableFuture<>();
    private CompletionStage<Optional<SessionState>> previous = CompletableFuture.completedStage(Optional.empty());
    private volatile @Nullable KeptSession kept;
    private volatile @Nullable Cursor left;
    private volatile Departures.@Nullable Waiting waiting;
    /**
     * Whether it is not known yet if there is a session on disk, for nobody held the client id before: one answer for all
     * who have taken over since the one who looks for it.
     */
    private AtomicBoolean mayBeAsleep = new AtomicBoolean();

    /**
     * Makes one that is not among the claims yet.
     *
     * @param foreign whether it is another node's, which asks for the session
     */
    HeldClaim(Claims claims, String clientId, Sessions.Holder holder, boolean foreign) {
        this.claims = claims;
        this.clientId = clientId;
        this.holder = holder;
        this.foreign = foreign;
    }

    String clientId() {
        return clientId;
    }

    boolean isForeign() {
        return foreign;
    }

    /** Comes behind another; null if nobody held the client id. Called before others can see it. */
    void follow(@Nullable HeldClaim before) {
        if (before == null) {
            mayBeAsleep.set(true);
        } else {
            mayBeAsleep = before.mayBeAsleep;
            left = before.earliest(); // at no time does nobody know the session's place
        }
    }

    /** Sets what {@link #previous} says. */
    void previous(CompletionStage<Optional<SessionState>> state) {
        previous = state;
    }

    @Override
    public CompletionStage<Optional<SessionState>> previous() {
        return previous;
    }

    /** Completes when it is let go of, with what is left then. */
    CompletionStage<Optional<SessionState>> released() {
        return released;
    }

    /** Tells the holder that another claim has come. */
    void takenOver() {
        holder.takenOver();
    }

    @Override
    public KeptSession keep(
            Identity identity,
            ConnectionInfo via,
            long expirySeconds,
            @Nullable Will will,
            Optional<SessionState> resumed,
            Executor loop) {
        KeptSession session = claims.keep(clientId, identity, via, expirySeconds, will, resumed, loop);
        kept = session;
        return session;
    }

    @Override
    public void release(Optional<SessionState> state) {
        if (state.isEmpty()) {
            letGo(state);
            return;
        }
        SessionState over = state.get();
        if (over.endsWithConnection() || claims.isFull()) {
            endAndLetGo(over);
            return;
        }
        waitForClient(over);
    }

    /** Ends the session; who comes next comes when that is durable, so that it does not find the session. */
    CompletionStage<?> endAndLetGo(SessionState over) {
        return claims.end(over).whenComplete((done, failure) -> letGo(Optional.empty()));
    }

    /** Lets go, without a session that waits here. */
    void letGo(Optional<SessionState> state) {
        claims.remove(this);
        released.complete(state);
    }

    private void waitForClient(SessionState over) {
        left = over.flight().earliest();
        kept = null;
        holder = NOBODY; // lest the session, while it waits, keeps its connection in memory
        previous = CompletableFuture.completedStage(Optional.empty());
        Departures.Waiting wait = claims.waits(over, this);
        waiting = wait;
        wait.begin(() -> released.complete(Optional.of(over)));
    }

    /** The session that waits behind this claim; null if none does. */
    Departures.@Nullable Waiting waiting() {
        return waiting;
    }

    /** The time of the session that waits here, or of its will, has come. */
    CompletionStage<?> settle() {
        Departures.Waiting wait = waiting;
        return wait == null || !released.isDone()
                ? CompletableFuture.completedStage(null) // a client has it
                : wait.settle();
    }

    @Override
    public boolean isLast() {
        return claims.isLast(this);
    }

    @Override
    public boolean fallAsleep() {
        return claims.fallAsleep(this);
    }

    @Override
    public CompletionStage<?> expire(SessionState over) {
        return claims.expire(this, over);
    }

    /** What is on disk for the client does not sleep any more, or there is nothing. */
    void awake() {
        mayBeAsleep.set(false);
    }

    boolean isAwake() {
        return !mayBeAsleep.get();
    }

    /** The earliest change the session needs is known; null if it needs none. */
    void place(@Nullable Cursor earliest) {
        left = earliest;
    }

    @Nullable
    Cursor earliest() {
        KeptSession session = kept;
        return session == null ? left : session.earliest();
    }
}
