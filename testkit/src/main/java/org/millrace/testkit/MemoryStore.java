package org.millrace.testkit;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.millrace.spi.plugin.DurableCursors;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Cursor;

/** One plugin's private map and cursors. They outlive the plugin, not the host. */
final class MemoryStore implements PluginStore {
    private final ConcurrentSkipListMap<String, byte[]> values = new ConcurrentSkipListMap<>();
    private final ConcurrentHashMap<String, Cursor> places = new ConcurrentHashMap<>();

    /** Another one with the same content. */
    MemoryStore copy() {
        MemoryStore copy = new MemoryStore();
        copy.values.putAll(values);
        copy.places.putAll(places);
        return copy;
    }

    @Override
    public Optional<byte[]> get(String key) {
        return Optional.ofNullable(values.get(key)).map(byte[]::clone);
    }

    @Override
    public CompletionStage<Void> put(String key, byte[] value) {
        values.put(key, value);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        values.remove(key);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
        values.tailMap(prefix).forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                consumer.accept(key, value.clone());
            }
        });
    }

    DurableCursors cursors(Supplier<Cursor> head) {
        return new DurableCursors() {
            @Override
            public Cursor head() {
                return head.get();
            }

            @Override
            public Optional<Cursor> here(Cursor cursor) {
                return Optional.of(cursor).filter(c -> c.node() == head().node());
            }

            @Override
            public Optional<Cursor> get(String name) {
                return Optional.ofNullable(places.get(name));
            }

            @Override
            public CompletionStage<Void> save(String name, Cursor cursor) {
                places.put(name, cursor);
                return CompletableFuture.completedStage(null);
            }

            @Override
            public CompletionStage<Void> remove(String name) {
                places.remove(name);
                return CompletableFuture.completedStage(null);
            }
        };
    }
}
