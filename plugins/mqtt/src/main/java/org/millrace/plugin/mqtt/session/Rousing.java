package org.millrace.plugin.mqtt.session;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;

/**
 * Reads sessions that sleep, when their clients have come or their time, and does what is due. The caller holds the client
 * id meanwhile. Blocks; safe for use by any thread.
 */
final class Rousing {
    private final PluginContext context;
    private final DormantSessions dormant;
    private final SessionKeeping keeping;
    private final Wills wills;
    private final Function<SessionState, CompletionStage<Void>> end;
    private final AtomicLong expired = new AtomicLong();

    /**
     * Makes one for all sessions.
     *
     * @param end removes a session that is over
     */
    Rousing(
            PluginContext context,
            DormantSessions dormant,
            SessionKeeping keeping,
            Wills wills,
            Function<SessionState, CompletionStage<Void>> end) {
        this.context = context;
        this.dormant = dormant;
        this.keeping = keeping;
        this.wills = wills;
        this.end = end;
    }

    /** How many sessions have waited for their clients in vain. */
    long expired() {
        return expired.get();
    }

    /** A session that was in memory has waited in vain, too. */
    void countExpired() {
        expired.incrementAndGet();
    }

    /**
     * A client has come.
     *
     * @param awake see {@link Asleep#wake}
     * @param place told of the earliest change that the session needs
     * @return completes with its session, if there is one that is not over
     */
    CompletionStage<Optional<SessionState>> forClient(
            String clientId, Runnable awake, Consumer<@Nullable Cursor> place) {
        SessionHeader header = dormant.find(clientId).orElse(null);
        if (header == null) {
            awake.run();
            return CompletableFuture.completedStage(Optional.empty());
        }
        dormant.woke(header, awake);
        Optional<SessionState> found = dormant.read(header);
        SessionHeader.Away away = header.away();
        if (found.isEmpty()) {
            return CompletableFuture.completedStage(found);
        }
        SessionState state = found.get();
        place.accept(state.flight().earliest());
        if (away == null || !wills.isDue(away.leftMillis(), state)) {
            return CompletableFuture.completedStage(found);
        }
        return wills.isExpired(away.leftMillis(), state)
                ? expire(state)
                : wills.publish(state).thenApply(done -> found);
    }

    private CompletionStage<Optional<SessionState>> expire(SessionState state) {
        expired.incrementAndGet();
        return end.apply(state).thenApply(done -> Optional.empty());
    }

    /**
     * The session's time has come, or its will's.
     *
     * @param awake see {@link Asleep#wake}
     * @param place told of the earliest change that the session needs
     * @param letGo lets go of the client id if the session sleeps on; false if its client has come meanwhile
     * @return completes with the session, if it is not over
     */
    CompletionStage<Optional<SessionState>> settle(
            String clientId, Runnable awake, Consumer<@Nullable Cursor> place, BooleanSupplier letGo) {
        SessionHeader header = dormant.find(clientId).orElse(null);
        if (header == null) {
            awake.run();
            return CompletableFuture.completedStage(Optional.empty());
        }
        dormant.woke(header, awake);
        Optional<SessionState> found = dormant.read(header);
        if (found.isEmpty()) {
            return CompletableFuture.completedStage(found);
        }
        SessionState state = found.get();
        place.accept(state.flight().earliest());
        if (header.dueMillis() > context.clock().millis()) {
            dormant.fallAsleep(header, letGo); // an alarm that was for an earlier wait
            return CompletableFuture.completedStage(found);
        }
        SessionHeader.Away away = header.away();
        long leftMillis = away == null ? context.clock().millis() : away.leftMillis();
        if (wills.isExpired(leftMillis, state)) {
            return expire(state);
        }
        CompletionStage<Void> will =
                wills.isDue(leftMillis, state) ? wills.publish(state) : CompletableFuture.completedStage(null);
        return will.thenCompose(done -> {
            SessionHeader now = SessionKeeping.header(state, leftMillis);
            return keeping.save(now, state).handle((kept, failure) -> {
                if (failure == null) {
                    dormant.fallAsleep(now, letGo);
                } else {
                    dormant.sleepOn(header, letGo);
                }
                return found;
            });
        });
    }
}
