package org.millrace.plugin.mqtt.delivery;

import org.millrace.plugin.mqtt.mapping.Format;

/**
 * What a client asked for with one topic filter (MQTT 5 section 3.8.3.1).
 *
 * @param filter the text as the client sent it, with {@code $share/} and the share's name if there is one
 * @param qos the QoS granted
 * @param noLocal whether the client's own messages are left out
 * @param retainAsPublished whether the retain flag is handed on
 * @param subscriptionId 0 for none
 * @param format the format contents are wanted in
 * @param query conditions on the records, which make it a live query; empty for none
 */
public record SubscriptionOptions(
        String filter,
        int qos,
        boolean noLocal,
        boolean retainAsPublished,
        int subscriptionId,
        Format format,
        String query) {
    /** The user property of SUBSCRIBE that asks for a live query. */
    public static final String QUERY = "query";
}
