package org.millrace.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/** Makes a host in memory behave as a real one does on a bad day. Used by the test's thread; safe for any. */
public final class Faults {
    /** Decides what an identity may do. */
    @FunctionalInterface
    public interface Guard {
        /**
         * Whether an act is allowed.
         *
         * @param who the identity
         * @param grant {@code read}, {@code write}, {@code publish} or {@code subscribe}
         * @param target a path's or filter's text
         * @return false to refuse with {@link ErrorCode#FORBIDDEN}
         */
        boolean allows(Identity who, String grant, String target);
    }

    private final List<Runnable> held = new ArrayList<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private Guard guard = (who, grant, target) -> true;
    private @Nullable ResourceException refusal;
    private @Nullable ResourceException subscriptionRefusal;
    private boolean holding;
    private boolean saturated;

    Faults() {}

    /**
     * Sets who may do what; everybody may do everything unless this is called.
     *
     * @param value asked for every act
     */
    public synchronized void guard(Guard value) {
        guard = value;
    }

    /**
     * Refuses every write from now on.
     *
     * @param why the failure of each write; empty to accept writes again
     */
    public synchronized void refuseWrites(Optional<ResourceException> why) {
        refusal = why.orElse(null);
    }

    /**
     * Refuses every subscription from now on; those there are go on.
     *
     * @param why the failure of each; empty to accept subscriptions again
     * @since 0.1
     */
    public synchronized void refuseSubscriptions(Optional<ResourceException> why) {
        subscriptionRefusal = why.orElse(null);
    }

    /** Keeps back the acknowledgements of writes, as a slow disk would; the changes are seen by readers at once. */
    public synchronized void holdAcknowledgements() {
        holding = true;
    }

    /** Gives the acknowledgements that were kept back, in order, and holds no more. */
    public void releaseAcknowledgements() {
        List<Runnable> release;
        synchronized (this) {
            holding = false;
            release = List.copyOf(held);
            held.clear();
        }
        release.forEach(Runnable::run);
    }

    /**
     * How many acknowledgements are kept back.
     *
     * @return at least 0
     */
    public synchronized int heldAcknowledgements() {
        return held.size();
    }

    /**
     * Makes {@code isSaturated} answer this; on false, those who wait for {@code whenReady} go on.
     *
     * @param value whether the write queue shall seem full
     */
    public void saturate(boolean value) {
        List<Runnable> release;
        synchronized (this) {
            saturated = value;
            if (value) {
                return;
            }
            release = List.copyOf(waiting);
            waiting.clear();
        }
        release.forEach(Runnable::run);
    }

    synchronized boolean isSaturated() {
        return saturated;
    }

    CompletionStage<Void> whenReady(Executor executor) {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        synchronized (this) {
            if (saturated) {
                waiting.add(() -> executor.execute(() -> ready.complete(null)));
                return ready;
            }
        }
        ready.complete(null);
        return ready;
    }

    void acknowledge(Runnable acknowledgement) {
        synchronized (this) {
            if (holding) {
                held.add(acknowledgement);
                return;
            }
        }
        acknowledgement.run();
    }

    synchronized void checkWrites() {
        if (refusal != null) {
            throw refusal;
        }
    }

    synchronized void checkSubscriptions() {
        if (subscriptionRefusal != null) {
            throw subscriptionRefusal;
        }
    }

    boolean allows(Identity who, String grant, String target) {
        Guard asked;
        synchronized (this) {
            asked = guard;
        }
        return asked.allows(who, grant, target);
    }

    void check(Identity who, String grant, String target) {
        if (!allows(who, grant, target)) {
            throw new ResourceException(
                    ErrorCode.FORBIDDEN, "'" + who.name() + "' has no grant to " + grant + " '" + target + "'");
        }
    }

    void check(Identity who, String grant, Path path) {
        check(who, grant, path.toString());
    }
}
