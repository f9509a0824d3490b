package org.millrace.plugin.mqtt.delivery;

import java.util.concurrent.CompletionStage;

/** Where a connection keeps its session's progress. */
@FunctionalInterface
public interface Progress {
    /**
     * Keeps what is under way, in place of what was kept before. The caller has one call under way at a time.
     *
     * @param flight what is under way
     * @return completes on the connection's event loop when it is as durable as a record
     */
    CompletionStage<Void> save(Flight flight);
}
