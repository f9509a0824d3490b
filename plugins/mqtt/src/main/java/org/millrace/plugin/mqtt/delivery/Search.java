package org.millrace.plugin.mqtt.delivery;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;

/** Finds messages again. */
@FunctionalInterface
public interface Search {
    /**
     * Looks for one message.
     *
     * @param orphan which
     * @param then is given the change, or null if it is not there any more; on the connection's event loop
     */
    void find(Orphan orphan, Consumer<@Nullable Change> then);
}
