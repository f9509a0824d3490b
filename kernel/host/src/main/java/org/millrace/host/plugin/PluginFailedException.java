package org.millrace.host.plugin;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A plugin failed in a phase. The cause is for the log at debug level. */
final class PluginFailedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient PluginFailure failure;

    PluginFailedException(PluginPhase phase, String reason, String remedy) {
        this(new PluginFailure(phase, reason, remedy), null);
    }

    PluginFailedException(PluginFailure failure, @Nullable Throwable cause) {
        super(failure.reason(), cause);
        this.failure = failure;
    }

    PluginFailure failure() {
        return failure;
    }
}
