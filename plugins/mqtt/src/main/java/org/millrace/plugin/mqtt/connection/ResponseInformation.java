package org.millrace.plugin.mqtt.connection;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * The part of the tree that MQTT 5 clients who ask for it are told to build response topics in (MQTT 5 section
 * 3.2.2.3.15). Immutable.
 */
final class ResponseInformation {
    /** Stands for the client identifier. */
    private static final String CLIENT = "{client}";
    /** More than the rest of CONNACK takes. */
    private static final int OF_CONNACK = 256;

    private final String template;

    /**
     * Takes the configured value.
     *
     * @param template a topic name, or empty if clients are told none
     * @throws ResourceException if no topic comes of it
     */
    ResponseInformation(String template) {
        this.template = template;
        if (!template.isEmpty()) {
            try {
                Path.of(template.replace(CLIENT, "client"));
            } catch (ResourceException e) {
                throw new ResourceException(
                        ErrorCode.INVALID,
                        "mqtt.response-information is '" + template + "', which is no topic: " + e.getMessage()
                                + ". Use one such as responses/{client}, or leave it empty");
            }
        }
    }

    /** What a client is told in CONNACK; null if it is told nothing. */
    @Nullable
    String tell(ConnectRequest client) {
        if (template.isEmpty() || !client.wantsResponses()) {
            return null;
        }
        String told = template.replace(CLIENT, level(client.clientId()));
        int size = told.getBytes(StandardCharsets.UTF_8).length;
        return size > 65_535 || size + OF_CONNACK > client.maxPacketSize() ? null : told;
    }

    /** A client identifier may hold anything; as one level of a topic name it must not hold what topics are made of. */
    private static String level(String clientId) {
        StringBuilder level = new StringBuilder(clientId.length());
        for (int i = 0; i < clientId.length(); i++) {
            char c = clientId.charAt(i);
            if (c == '/' || c == '+' || c == '#' || c == '%' || c == '$') {
                level.append('%').append(Integer.toHexString(c).toUpperCase(java.util.Locale.ROOT));
            } else {
                level.append(c);
            }
        }
        return level.toString();
    }
}
