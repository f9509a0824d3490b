package org.millrace.plugin.mqtt.system;

/** Where one reading of all figures goes. */
@FunctionalInterface
interface Readings {
    /** Shows a figure; the topic is the part behind {@code $SYS/broker/}. */
    void show(String topic, String value);

    /** Shows a number. */
    default void show(String topic, long value) {
        show(topic, Long.toString(value));
    }
}
