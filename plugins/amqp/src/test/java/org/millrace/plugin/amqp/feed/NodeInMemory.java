package org.millrace.plugin.amqp.feed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.millrace.spi.plugin.Cluster;
import org.millrace.spi.plugin.DurableCursors;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Cursor;
import org.millrace.testkit.ForwardingContext;
import org.millrace.testkit.InMemoryHost;

/**
 * A host that is one of several: what its plugin writes under {@link PluginStore#SHARED} is in the stores of all at once,
 * and a place of another is found here a hundred changes further on.
 */
final class NodeInMemory extends ForwardingContext {
    static final long FURTHER = 100;

    private final long id;
    private final List<NodeInMemory> all;
    private Function<String, CompletionStage<Boolean>> letGo = name -> CompletableFuture.completedStage(false);

    private boolean away;

    private NodeInMemory(long id, List<NodeInMemory> all, PluginContext host) {
        super(host);
        this.id = id;
        this.all = all;
    }

    /** A cluster of a host's plugins. */
    static List<NodeInMemory> cluster(InMemoryHost host, int nodes) {
        List<NodeInMemory> all = new ArrayList<>();
        for (int id = 1; id <= nodes; id++) {
            all.add(new NodeInMemory(id, all, host.context("amqp" + id, Map.of())));
        }
        return all;
    }

    long id() {
        return id;
    }

    /** Whether it is not asked when another one claims something. */
    void away(boolean now) {
        away = now;
    }

    @Override
    public Cluster cluster() {
        return new Cluster() {
            @Override
            public boolean isOn() {
                return true;
            }

            @Override
            public CompletionStage<Void> claim(String name) {
                return CompletableFuture.allOf(all.stream()
                        .filter(node -> node.id != id && !node.away)
                        .map(node -> node.letGo.apply(name).toCompletableFuture())
                        .toArray(CompletableFuture[]::new));
            }

            @Override
            public Registration onClaim(Function<String, CompletionStage<Boolean>> act) {
                letGo = act;
                return () -> {};
            }
        };
    }

    @Override
    public PluginStore store() {
        PluginStore own = host().store();
        return new PluginStore() {
            @Override
            public Optional<byte[]> get(String key) {
                return own.get(key);
            }

            @Override
            public CompletionStage<Void> put(String key, byte[] value) {
                stores(key).forEach(store -> store.put(key, value));
                return CompletableFuture.completedStage(null);
            }

            @Override
            public CompletionStage<Void> remove(String key) {
                stores(key).forEach(store -> store.remove(key));
                return CompletableFuture.completedStage(null);
            }

            @Override
            public void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
                own.forEach(prefix, consumer);
            }

            private List<PluginStore> stores(String key) {
                return key.startsWith(SHARED)
                        ? all.stream().map(node -> node.host().store()).toList()
                        : List.of(own);
            }
        };
    }

    @Override
    public DurableCursors cursors() {
        DurableCursors own = host().cursors();
        return new DurableCursors() {
            @Override
            public Cursor head() {
                return new Cursor(id, own.head().position());
            }

            @Override
            public Optional<Cursor> here(Cursor cursor) {
                return Optional.of(cursor.node() == id ? cursor : new Cursor(id, cursor.position() + FURTHER));
            }

            @Override
            public Optional<Cursor> get(String name) {
                return own.get(name);
            }

            @Override
            public CompletionStage<Void> save(String name, Cursor cursor) {
                return own.save(name, cursor);
            }

            @Override
            public CompletionStage<Void> remove(String name) {
                return own.remove(name);
            }
        };
    }
}
