package org.millrace.testkit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.millrace.spi.plugin.Cluster;
import org.millrace.spi.plugin.Registration;

/** What a host on its own says of other nodes. Stateless, for any thread. */
record LoneNode() implements Cluster {
    @Override
    public boolean isOn() {
        return false;
    }

    @Override
    public CompletionStage<Void> claim(String name) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public Registration onClaim(Function<String, CompletionStage<Boolean>> letGo) {
        return () -> {};
    }
}
