package org.millrace.host;

import java.time.Clock;
import java.util.concurrent.Executor;
import org.millrace.host.config.Configuration;
import org.millrace.host.extension.ExtensionRegistry;
import org.millrace.host.identity.AccessControl;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.host.resources.CursorPins;
import org.millrace.host.resources.InternalRecords;
import org.millrace.host.resources.ResourceTree;
import org.millrace.host.transport.Listeners;
import org.millrace.spi.identity.Authenticator;

/**
 * What the host shares with its plugins through their contexts.
 *
 * @param configuration the plugins' sections
 * @param kernel contents and journal
 * @param tree the records
 * @param internal the plugins' private records
 * @param cursors the plugins' places in the change stream
 * @param cluster the other nodes
 * @param listeners opens sockets
 * @param authenticator knows the users
 * @param access knows what they may do
 * @param extensions where plugins meet
 * @param metrics what is counted
 * @param clock the time
 */
record HostServices(
        Configuration configuration,
        Kernel kernel,
        ResourceTree tree,
        InternalRecords internal,
        CursorPins cursors,
        Cluster cluster,
        Listeners listeners,
        Authenticator authenticator,
        AccessControl access,
        ExtensionRegistry extensions,
        MetricRegistry metrics,
        Clock clock) {
    /** Runs what completes for no client in particular, each task on a virtual thread. */
    static final Executor COMPLETIONS =
            task -> Thread.ofVirtual().name("millrace-completions").start(task);
}
