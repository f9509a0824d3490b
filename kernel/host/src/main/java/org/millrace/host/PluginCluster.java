package org.millrace.host;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.host.scope.Registrations;
import org.millrace.replication.Replicator;
import org.millrace.spi.plugin.Cluster;
import org.millrace.spi.plugin.Registration;

/** What one plugin sees of the other nodes. Safe for use by any thread. */
final class PluginCluster implements Cluster, AutoCloseable {
    private final String pluginId;
    private final @Nullable Replicator replicator;
    private final Registrations registrations;

    /** Sees others through the replicator; null if this host is on its own. */
    PluginCluster(String pluginId, @Nullable Replicator replicator) {
        this.pluginId = pluginId;
        this.replicator = replicator;
        this.registrations = new Registrations(pluginId);
    }

    @Override
    public boolean isOn() {
        return replicator != null;
    }

    @Override
    public CompletionStage<Void> claim(String name) {
        return replicator == null ? CompletableFuture.completedStage(null) : replicator.claim(pluginId, name);
    }

    @Override
    public Registration onClaim(Function<String, CompletionStage<Boolean>> letGo) {
        Replicator others = replicator;
        return others == null ? () -> {} : registrations.register(() -> others.onClaim(pluginId, letGo));
    }

    @Override
    public void close() {
        registrations.close();
    }
}
