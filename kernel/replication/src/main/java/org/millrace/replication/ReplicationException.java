package org.millrace.replication;

import io.nats.client.JetStreamApiException;
import org.jspecify.annotations.Nullable;

/** Why a node cannot replicate at present, in words for the operator. The host goes on serving. */
final class ReplicationException extends Exception {
    private final boolean lasting;

    private ReplicationException(String message, boolean lasting, @Nullable Throwable cause) {
        super(message, cause);
        this.lasting = lasting;
    }

    /** Something that may pass by itself: it is tried again. */
    static ReplicationException passing(String message, @Nullable Throwable cause) {
        return new ReplicationException(message, false, cause);
    }

    /** What NATS or this node could not do meanwhile. */
    static ReplicationException interrupted(Throwable cause) {
        String what = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        String remedy = cause instanceof JetStreamApiException
                ? ". Look at the NATS servers: JetStream needs a majority of them, and space on their disks"
                : "";
        return passing(ClusterOptions.withoutSecrets("replication is interrupted: " + what + remedy), cause);
    }

    /** Something that going on would make worse: replication stays stopped until the host is started anew. */
    static ReplicationException lasting(String message) {
        return new ReplicationException(message, true, null);
    }

    boolean isLasting() {
        return lasting;
    }
}
