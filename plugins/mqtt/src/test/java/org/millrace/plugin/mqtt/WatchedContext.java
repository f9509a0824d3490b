package org.millrace.plugin.mqtt;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.testkit.ForwardingContext;

/** A plugin's context that notes what is read of its store, and which of it on an event loop. */
public final class WatchedContext extends ForwardingContext {
    private final PluginStore store;
    private final List<String> read = new CopyOnWriteArrayList<>();
    private final List<String> readOnLoops = new CopyOnWriteArrayList<>();

    WatchedContext(PluginContext host) {
        this(host, host.store());
    }

    /** A context with another store than the host's. */
    public WatchedContext(PluginContext host, PluginStore store) {
        super(host);
        this.store = store;
    }

    /** What was read, in order: keys, or what they begin with. */
    List<String> read() {
        return read;
    }

    /** What was read on an event loop. */
    List<String> readOnLoops() {
        return readOnLoops;
    }

    private void note(String key) {
        read.add(key);
        if (Thread.currentThread() instanceof FastThreadLocalThread) {
            readOnLoops.add(key);
        }
    }

    @Override
    public PluginStore store() {
        return new PluginStore() {
            @Override
            public Optional<byte[]> get(String key) {
                note(key);
                return store.get(key);
            }

            @Override
            public CompletionStage<Void> put(String key, byte[] value) {
                return store.put(key, value);
            }

            @Override
            public CompletionStage<Void> remove(String key) {
                return store.remove(key);
            }

            @Override
            public void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
                note(prefix);
                store.forEach(prefix, consumer);
            }
        };
    }

    @Override
    public ExecutorService executor() {
        return new AheadOfLoops(host().executor());
    }

    /**
     * Has what an event loop hands over done before the loop goes on, so that what is composed with it and not handed over,
     * too, is sure to run on the loop.
     */
    private static final class AheadOfLoops extends AbstractExecutorService {
        private final ExecutorService host;

        AheadOfLoops(ExecutorService host) {
            this.host = host;
        }

        @Override
        public void execute(Runnable task) {
            CompletableFuture<Void> done = CompletableFuture.runAsync(task, host);
            if (Thread.currentThread() instanceof FastThreadLocalThread) {
                done.join();
            }
        }

        @Override
        public void shutdown() {
            host.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return host.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return host.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return host.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return host.awaitTermination(timeout, unit);
        }
    }
}
