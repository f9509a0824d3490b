package org.millrace.spi.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What travels beside a content: an ordered list of names with text or bytes, where a name may repeat (MQTT 5 section
 * 3.3.2.3.7). They are stored with the record or event and reach every protocol that has a place for them.
 *
 * <p>Names that start with {@code $} have a fixed meaning; the constants list those that several protocols share. A
 * plugin may keep data of its own protocol under {@code $<plugin id>.<name>}. All other names are the user's.
 *
 * @since 0.1
 */
public final class Properties {
    /** No properties. */
    public static final Properties NONE = new Properties(List.of());
    /** Where an answer is expected: a path's text (MQTT response topic, AMQP reply-to). */
    public static final String REPLY_TO = "$reply-to";
    /** What relates an answer to its request: bytes (MQTT correlation data, AMQP correlation-id). */
    public static final String CORRELATION = "$correlation";

    private final List<Property> list;

    private Properties(List<Property> list) {
        this.list = list;
    }

    /**
     * Properties in this order.
     *
     * @param list copied
     * @return the properties
     */
    public static Properties of(List<Property> list) {
        return list.isEmpty() ? NONE : new Properties(List.copyOf(list));
    }

    /** One name with its value. */
    public sealed interface Property {
        /**
         * The name.
         *
         * @return may be empty for a user's property
         */
        String name();
    }

    /**
     * A property with a text.
     *
     * @param name its name
     * @param value its text
     */
    public record Text(String name, String value) implements Property {}

    /**
     * A property with bytes.
     *
     * @param name its name
     * @param value its bytes; owned by this property from now on, nobody may alter them
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by content below
    public record Binary(String name, byte[] value) implements Property {
        @Override
        public boolean equals(Object other) {
            return other instanceof Binary b && b.name.equals(name) && java.util.Arrays.equals(b.value, value);
        }

        @Override
        public int hashCode() {
            return 31 * name.hashCode() + java.util.Arrays.hashCode(value);
        }
    }

    /**
     * All properties in order.
     *
     * @return an immutable list
     */
    public List<Property> list() {
        return list;
    }

    /**
     * Whether there are none.
     *
     * @return true if empty
     */
    public boolean isEmpty() {
        return list.isEmpty();
    }

    /**
     * The first text of this name.
     *
     * @param name a property's name
     * @return its text, if there is one
     */
    public Optional<String> text(String name) {
        for (Property p : list) {
            if (p instanceof Text t && t.name().equals(name)) {
                return Optional.of(t.value());
            }
        }
        return Optional.empty();
    }

    /**
     * The first bytes of this name.
     *
     * @param name a property's name
     * @return the property's own array, not to be altered
     */
    public Optional<byte[]> binary(String name) {
        for (Property p : list) {
            if (p instanceof Binary b && b.name().equals(name)) {
                return Optional.of(b.value());
            }
        }
        return Optional.empty();
    }

    /**
     * The users' own text properties: those whose names do not start with {@code $}, in order.
     *
     * @return an immutable list
     */
    public List<Text> user() {
        List<Text> user = new ArrayList<>(list.size());
        for (Property p : list) {
            if (p instanceof Text t && !t.name().startsWith("$")) {
                user.add(t);
            }
        }
        return List.copyOf(user);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Properties p && p.list.equals(list);
    }

    @Override
    public int hashCode() {
        return list.hashCode();
    }

    @Override
    public String toString() {
        return list.toString();
    }
}
