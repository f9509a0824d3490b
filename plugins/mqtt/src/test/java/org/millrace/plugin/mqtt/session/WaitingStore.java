package org.millrace.plugin.mqtt.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** A store whose writes can be made to wait, or to fail. */
final class WaitingStore implements PluginStore {
    private final PluginStore store;
    private final List<Runnable> waiting = new ArrayList<>();
    private boolean held;
    private boolean refuses;
    private volatile CountDownLatch reads = new CountDownLatch(0);

    WaitingStore(PluginStore store) {
        this.store = store;
    }

    /** Writes wait from now on. */
    synchronized void hold() {
        held = true;
    }

    /** What waits is done, in its order. */
    synchronized void letGo() {
        held = false;
        waiting.forEach(Runnable::run);
        waiting.clear();
    }

    /**
     * Reads wait from now on.
     *
     * @return lets them go on
     */
    Runnable holdReads() {
        CountDownLatch wait = new CountDownLatch(1);
        reads = wait;
        return wait::countDown;
    }

    /** Writes fail from now on. */
    synchronized void refuse() {
        refuses = true;
    }

    private synchronized CompletionStage<Void> write(Supplier<CompletionStage<Void>> act) {
        if (refuses) {
            return CompletableFuture.failedStage(new ResourceException(ErrorCode.UNAVAILABLE, "the disk is broken"));
        }
        if (!held) {
            return act.get();
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
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
        return write(() -> store.put(key, value));
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        return write(() -> store.remove(key));
    }

    @Override
    public void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
        store.forEach(prefix, consumer);
    }
}
