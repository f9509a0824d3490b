package org.millrace.plugin.amqp.mapping;

import org.millrace.spi.resource.Properties;

/**
 * The parts of an AMQP message that the SPI has no word for, kept under names of the plugin's own, so that AMQP
 * receivers get what AMQP senders sent. A change with {@link #HEADER} came over AMQP.
 */
final class KeptParts {
    /**
     * What the header said: {@link #DURABLE} and {@link #FIRST_ACQUIRER} or nothing, the priority or nothing, and the
     * delivery count; parted by commas.
     */
    static final String HEADER = "$amqp.header";
    /** The message annotations' section. */
    static final String ANNOTATIONS = "$amqp.annotations";
    /** The sections of properties and application properties. */
    static final String PROPERTIES = "$amqp.properties";
    /** The body's sections, where the content says less. */
    static final String BODY = "$amqp.body";
    /** How the content was a body, where it says as much: see the constants below. */
    static final String BODY_FORM = "$amqp.body-form";
    /** The footer's section. */
    static final String FOOTER = "$amqp.footer";

    static final String DURABLE = "d";
    static final String FIRST_ACQUIRER = "f";
    static final String STRING = "string";
    static final String BINARY = "binary";
    static final String ABSENT = "absent";
    /** Data sections of these lengths, parted by blanks. */
    static final String DATA = "data ";

    private KeptParts() {}

    static boolean cameOverAmqp(Properties properties) {
        return properties.text(HEADER).isPresent();
    }
}
