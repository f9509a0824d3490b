package org.millrace.plugin.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** A store whose writes can be made to wait, or to fail. */
public final class WaitingStore implements PluginStore {
    private final PluginStore store;
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private @Nullable String held;
    private int left = Integer.MAX_VALUE;
    private @Nullable ErrorCode refusal;
    private volatile CountDownLatch reads = new CountDownLatch(0);

    /** A store whose writes are done at first. */
    public WaitingStore(PluginStore store) {
        this.store = store;
    }

    /** Writes wait from now on. */
    public synchronized void hold() {
        hold("");
    }

    /** Writes of keys that begin with a text wait from now on. */
    public synchronized void hold(String prefix) {
        held = prefix;
    }

    /** All writes wait once a number of them were done. */
    synchronized void holdAfter(int writes) {
        left = writes;
    }

    /** Whether a write waits. */
    synchronized boolean isHolding() {
        return !waiting.isEmpty();
    }

    /** How many writes wait whose key ends with a text. */
    public synchronized long waitingFor(String suffix) {
        return keys.stream().filter(key -> key.endsWith(suffix)).count();
    }

    /** What waits is done, in its order. */
    public synchronized void letGo() {
        held = null;
        waiting.forEach(Runnable::run);
        waiting.clear();
        keys.clear();
    }

    /**
     * Reads wait from now on.
     *
     * @return lets them go on
     */
    public Runnable holdReads() {
        CountDownLatch wait = new CountDownLatch(1);
        reads = wait;
        return wait::countDown;
    }

    /** Writes fail from now on. */
    public void refuse() {
        refuse(ErrorCode.UNAVAILABLE);
    }

    /** Writes fail from now on with a code. */
    public synchronized void refuse(ErrorCode code) {
        refusal = code;
    }

    /** Writes are done again. */
    public synchronized void accept() {
        refusal = null;
    }

    private synchronized CompletionStage<Void> write(String key, Supplier<CompletionStage<Void>> act) {
        if (refusal != null) {
            return CompletableFuture.failedStage(new ResourceException(refusal, "the disk takes nothing"));
        }
        if (left > 0 && (held == null || !key.startsWith(held))) {
            left--;
            return act.get();
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        keys.add(key);
        waiting.add(() -> act.get().whenComplete((nothing, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        }));
        return done;
    }

    @Override
    public Optional<byte[]> get(String key) {
        try {
            reads.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while it waited to read " + key, e);
        }
        return store.get(key);
    }

    @Override
    public CompletionStage<Void> put(String key, byte[] value) {
        return write(key, () -> store.put(key, value));
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        return write(key, () -> store.remove(key));
    }

    @Override
    public void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
        store.forEach(prefix, consumer);
    }
}
