package org.millrace.plugin.amqp.selector;

import org.jspecify.annotations.Nullable;

/** What a selector asks of a message. */
@FunctionalInterface
public interface PropertySource {
    /**
     * A property.
     *
     * @param name its name
     * @return a Boolean, a number or a text; null if there is none
     */
    @Nullable
    Object get(String name);
}
