package org.millrace.plugin.amqp.selector;

import org.jspecify.annotations.Nullable;

/** A part of a selector. Gives a Boolean, a Long, a Double or a String, or null for SQL's "unknown". */
@FunctionalInterface
interface Expression {
    @Nullable
    Object evaluate(PropertySource message);
}
