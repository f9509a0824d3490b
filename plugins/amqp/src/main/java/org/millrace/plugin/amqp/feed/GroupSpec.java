package org.millrace.plugin.amqp.feed;

import org.millrace.spi.resource.TopicFilter;

/**
 * What makes a group.
 *
 * @param key its name, a legal path: one group has it at a time, and its durable place is kept under it
 * @param filter the paths it follows
 * @param condition the selector of the whole group; empty for none
 * @param durable whether its place outlives its members
 * @param exclusive whether a new member takes the place of the one before
 * @param queue whether it goes on when its last member closes its link
 */
public record GroupSpec(
        String key, TopicFilter filter, String condition, boolean durable, boolean exclusive, boolean queue) {
    /** Whether the group goes with its client to another node of a cluster: one client has it at a time, and it is kept. */
    boolean isMovable() {
        return durable && exclusive && !queue;
    }
}
