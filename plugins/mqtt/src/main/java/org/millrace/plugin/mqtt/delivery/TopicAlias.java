package org.millrace.plugin.mqtt.delivery;

/**
 * How a packet names its topic (MQTT 5 section 3.3.2.3.4).
 *
 * @param number 0 for no alias
 * @param replacesTopic whether the client knows the alias, so that the topic name is left away
 */
record TopicAlias(int number, boolean replacesTopic) {
    /** By its topic name only. */
    static final TopicAlias NONE = new TopicAlias(0, false);
}
