package org.millrace.plugin.amqp.selector;

import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** A condition on the properties of messages. Immutable, for any thread. */
public final class Selector {
    private static final int MAX_LENGTH = 8 << 10;

    private final String text;
    private final Expression condition;

    private Selector(String text, Expression condition) {
        this.text = text;
        this.condition = condition;
    }

    /**
     * Reads a selector.
     *
     * @param text for example {@code color = 'red' AND weight > 2.5}
     * @return the condition
     * @throws ResourceException {@link ErrorCode#INVALID}, with the position, if it is none; {@link ErrorCode#TOO_LARGE}
     */
    public static Selector parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE, "a selector may have " + MAX_LENGTH + " characters, not " + text.length());
        }
        return new Selector(text, new SelectorParser(text).parse());
    }

    /**
     * Whether a message satisfies this.
     *
     * @param message gives a property's value: a Boolean, a number or a text; null if there is none
     * @return false too if that cannot be said, for want of a property
     */
    public boolean matches(PropertySource message) {
        return Boolean.TRUE.equals(condition.evaluate(message));
    }

    /** The text it was read from. */
    @Override
    public String toString() {
        return text;
    }
}
