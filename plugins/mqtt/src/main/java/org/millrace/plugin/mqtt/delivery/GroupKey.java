package org.millrace.plugin.mqtt.delivery;

import org.millrace.spi.resource.TopicFilter;

/**
 * What makes a group of members: one share name, one topic filter and one user, for each member sees with the grants of
 * the group.
 *
 * @param user the members' identity
 * @param share the share's name
 * @param filter what they share
 */
public record GroupKey(String user, String share, TopicFilter filter) {
    static GroupKey of(String user, SharedFilter shared) {
        return new GroupKey(user, shared.share(), shared.filter());
    }
}
