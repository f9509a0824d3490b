package org.millrace.host.operation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.millrace.replication.ClusterStatus;

/** How a host is doing among others, as lines for people. Pure. */
public final class ClusterText {
    /** The operation's name. */
    public static final String OPERATION = "cluster";
    /** In the result: {@code true} if there is nothing to look at. */
    public static final String WELL = "well";

    private ClusterText() {}

    /**
     * Puts a status into words.
     *
     * @param status null for a host of its own
     * @return lines
     */
    public static List<String> of(@Nullable ClusterStatus status) {
        if (status == null) {
            return List.of("this host is a node of its own; cluster.nats makes it one of several");
        }
        List<String> lines = new ArrayList<>();
        lines.add("cluster " + status.cluster() + ", node " + status.node() + " ("
                + Long.toHexString(status.nodeId()) + "): "
                + status.state().name().toLowerCase(Locale.ROOT));
        lines.add("sending: " + status.unsent() + " places of the journal to go; receiving: " + status.unread()
                + " messages to read, " + status.applied() + " changes applied, " + status.superseded()
                + " superseded, " + status.merged() + " put together");
        for (ClusterStatus.Origin origin : status.origins()) {
            lines.add("node " + (origin.name().isEmpty() ? "?" : origin.name()) + " ("
                    + Long.toHexString(origin.nodeId()) + "): " + (origin.present() ? "present" : "away") + ", "
                    + origin.behindChanges() + " places and " + origin.behindMillis() + " ms behind"
                    + (origin.waiting().equals("none") ? "" : ", waiting: " + origin.waiting()));
        }
        status.alerts().forEach(alert -> lines.add("ALERT " + alert));
        return lines;
    }
}
