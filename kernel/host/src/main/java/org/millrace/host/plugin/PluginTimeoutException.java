package org.millrace.host.plugin;

import java.io.Serial;
import java.time.Duration;

/** A call into a plugin did not return in time. */
final class PluginTimeoutException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    PluginTimeoutException(Duration limit, String place, boolean ended) {
        super("it did not return within " + limit.toMillis() + " ms" + (place.isEmpty() ? "" : ", was" + place)
                + (ended ? "" : ", and ignored the interrupt: its thread stays until the host ends"));
    }
}
