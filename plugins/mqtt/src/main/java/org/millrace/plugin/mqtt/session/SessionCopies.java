package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.millrace.spi.plugin.Cluster;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;

/**
 * Copies of sessions for the other nodes of a cluster, under {@code shared/session/<client>}: which node has the session,
 * and what its store has of it but the will. A copy is made soon after the session changed, and of a session that waits,
 * or goes to another node, it is exact. All reading and writing of copies goes through one line, so that none that is old
 * overtakes a newer one. Safe for use by any thread.
 */
final class SessionCopies {
    private static final String WILL = "will";
    private static final long SOON_MILLIS = 1_000;

    private final PluginContext context;
    private final SessionStore store;
    private final Cluster cluster;
    private final Set<String> changed = new LinkedHashSet<>();
    private boolean planned;
    private CompletableFuture<?> line = CompletableFuture.completedFuture(null);

    /**
     * A session as another node has copied it.
     *
     * @param node which node
     * @param header of the session
     * @param parts by the last of their keys
     */
    record Copy(long node, SessionHeader header, Map<String, byte[]> parts) {}

    SessionCopies(PluginContext context, SessionStore store) {
        this.context = context;
        this.store = store;
        this.cluster = context.cluster();
    }

    private static String key(String clientId) {
        return PluginStore.SHARED + SessionStore.header(clientId);
    }

    private long self() {
        return context.cursors().head().node();
    }

    /** Whether there are other nodes to copy for. */
    boolean isOn() {
        return cluster.isOn();
    }

    /** Does one thing after another, on threads that may block. */
    private synchronized <T> CompletableFuture<T> inLine(Supplier<CompletionStage<T>> act) {
        CompletableFuture<T> next = line.handle((done, failure) -> 0)
                .thenComposeAsync(turn -> act.get(), context.executor())
                .toCompletableFuture();
        line = next;
        return next;
    }

    /** A session that has a connection has changed: it is copied soon. */
    void changed(String clientId) {
        if (!isOn()) {
            return;
        }
        synchronized (changed) {
            changed.add(clientId);
            if (!planned && !context.scheduler().isShutdown()) {
                planned = true;
                var _ = context.scheduler().schedule(this::copyChanged, SOON_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private CompletionStage<Void> copyChanged() {
        Set<String> now;
        synchronized (changed) {
            planned = false;
            now = Set.copyOf(changed);
            changed.clear();
        }
        CompletionStage<Void> last = CompletableFuture.completedStage(null);
        for (String clientId : now) {
            last = copy(clientId);
        }
        return last;
    }

    /** Copies a session, if the store has it; completes when the copy is durable. */
    CompletionStage<Void> copy(String clientId) {
        return isOn() ? inLine(() -> write(clientId)) : CompletableFuture.completedStage(null);
    }

    private CompletionStage<Void> write(String clientId) {
        Optional<byte[]> header = store.get(SessionStore.header(clientId));
        if (header.isEmpty()) {
            return CompletableFuture.completedStage(null); // over, or gone to another node
        }
        Map<String, byte[]> parts =
                store.readParts(SessionCodec.header(header.get()).generation());
        parts.remove(WILL);
        return store.put(key(clientId), encode(self(), header.get(), parts)).whenComplete((done, failure) -> {
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        "mqtt client ''{0}'' is not copied for other nodes: {1}",
                        clientId,
                        failure.getMessage());
            }
        });
    }

    /** Removes a session from this node's store, its copy stays; completes when a restart will not find it. */
    CompletionStage<Void> removeOwn(String clientId) {
        return inLine(() -> {
            Optional<byte[]> header = store.get(SessionStore.header(clientId));
            if (header.isEmpty()) {
                return CompletableFuture.completedStage(null);
            }
            CompletionStage<Void> removed = store.remove(SessionStore.header(clientId));
            store.removeParts(SessionCodec.header(header.get()).generation());
            return removed;
        });
    }

    /** The session is over: the copy goes. */
    CompletionStage<Void> remove(String clientId) {
        return isOn() ? inLine(() -> store.remove(key(clientId))) : CompletableFuture.completedStage(null);
    }

    /** What another node had of a session last; empty if this node had it last, or none. May block. */
    Optional<Copy> ofOther(String clientId) {
        return isOn()
                ? store.get(key(clientId)).map(SessionCopies::decode).filter(copy -> copy.node() != self())
                : Optional.empty();
    }

    /** Copies what has changed; completes when that is durable. */
    CompletionStage<Void> flush() {
        return isOn()
                ? copyChanged().thenCompose(done -> inLine(() -> CompletableFuture.completedStage(null)))
                : copied();
    }

    private static CompletionStage<Void> copied() {
        return CompletableFuture.completedStage(null);
    }

    private static byte[] encode(long node, byte[] header, Map<String, byte[]> parts) {
        return KeptForm.encode(out -> {
            out.writeLong(node);
            KeptForm.bytes(out, header);
            KeptForm.number(out, parts.size());
            for (Map.Entry<String, byte[]> part : parts.entrySet()) {
                KeptForm.text(out, part.getKey());
                KeptForm.bytes(out, part.getValue());
            }
        });
    }

    private static Copy decode(byte[] copy) {
        return KeptForm.decode(copy, in -> {
            long node = in.readLong();
            SessionHeader header = SessionCodec.header(KeptForm.bytes(in));
            Map<String, byte[]> parts = new HashMap<>();
            for (long i = KeptForm.number(in); i > 0; i--) {
                parts.put(KeptForm.text(in), KeptForm.bytes(in));
            }
            return new Copy(node, header, parts);
        });
    }
}
