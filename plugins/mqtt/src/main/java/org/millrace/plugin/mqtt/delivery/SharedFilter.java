package org.millrace.plugin.mqtt.delivery;

import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * What the filter of a shared subscription says (MQTT 5 section 4.8.2).
 *
 * @param share the share's name
 * @param filter what is shared
 */
public record SharedFilter(String share, TopicFilter filter) {
    private static final String PREFIX = "$share/";

    /**
     * Whether a filter is one of a shared subscription.
     *
     * @param text as the client sent it
     * @return true if it begins so; it may be wrong behind that
     */
    public static boolean isShared(String text) {
        return text.startsWith(PREFIX);
    }

    /**
     * Reads a filter.
     *
     * @param text as the client sent it
     * @return what it says
     * @throws ResourceException {@link ErrorCode#INVALID} if it does not follow the rules
     */
    public static SharedFilter parse(String text) {
        int slash = text.indexOf('/', PREFIX.length());
        String name = slash < 0 ? "" : text.substring(PREFIX.length(), slash);
        if (name.isEmpty() || name.indexOf('+') >= 0 || name.indexOf('#') >= 0) { // [MQTT-4.8.2-1], [MQTT-4.8.2-2]
            throw new ResourceException(
                    ErrorCode.INVALID, "shared subscription '" + text + "': write $share/name/filter");
        }
        return new SharedFilter(name, TopicFilter.of(text.substring(slash + 1)));
    }
}
