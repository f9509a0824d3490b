package org.millrace.plugin.amqp.mapping;

import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * A terminus' address: a path, a topic filter, or {@code table/} for a collection. One leading slash is dropped, as in a
 * URL; {@code queue://} and {@code topic://} in front say how messages are shared among receivers.
 *
 * @param text the address without what stood in front
 * @param form what stood in front
 */
public record Address(String text, Form form) {
    private static final String QUEUE = "queue://";
    private static final String TOPIC = "topic://";

    /** How an address asks for messages to be shared. */
    public enum Form {
        /** It does not say. */
        PLAIN,
        /** Each message to one receiver. */
        QUEUE,
        /** Each message to every receiver. */
        TOPIC
    }

    /**
     * Reads an address.
     *
     * @param address as it came
     * @return the address
     * @throws ResourceException {@link ErrorCode#INVALID} if nothing is left of it
     */
    public static Address parse(String address) {
        String rest = address;
        Form form = Form.PLAIN;
        if (rest.startsWith(QUEUE)) {
            form = Form.QUEUE;
            rest = rest.substring(QUEUE.length());
        } else if (rest.startsWith(TOPIC)) {
            form = Form.TOPIC;
            rest = rest.substring(TOPIC.length());
        }
        if (rest.startsWith("/")) {
            rest = rest.substring(1);
        }
        if (rest.isEmpty()) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "address '" + address + "' is empty; write table/id, or table/ for a collection");
        }
        return new Address(rest, form);
    }

    /**
     * Whether this is a collection, {@code table/}.
     *
     * @return true if the only slash ends it
     */
    public boolean isCollection() {
        return text.indexOf('/') == text.length() - 1;
    }

    /**
     * The table of a collection.
     *
     * @return the address without its slash
     */
    public String table() {
        return text.substring(0, text.length() - 1);
    }

    /**
     * The record or queue this names.
     *
     * @return the path
     * @throws ResourceException if it is none
     */
    public Path path() {
        return Path.of(text);
    }

    /**
     * The paths a receiver here follows.
     *
     * @return the filter
     * @throws ResourceException if it is none
     */
    public TopicFilter filter() {
        return isCollection() ? TopicFilter.table(table()) : TopicFilter.of(text);
    }
}
