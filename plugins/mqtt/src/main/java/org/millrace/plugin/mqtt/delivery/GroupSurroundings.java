package org.millrace.plugin.mqtt.delivery;

import org.millrace.spi.resource.ResourceException;

/** What groups have in common. Safe for use by any thread. */
interface GroupSurroundings {
    /** The group has neither members nor sessions. */
    void gone(SharedGroup group, GroupKey key);

    /** The journal does not go back to the group's place. */
    void lostPlace(GroupKey key, ResourceException reason);

    /** Runs a short task a little later, on any thread. */
    void soon(Runnable task);
}
