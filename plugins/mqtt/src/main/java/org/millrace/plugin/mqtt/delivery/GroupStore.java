package org.millrace.plugin.mqtt.delivery;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Where groups are kept that outlive their members' connections. Safe for use by any thread; stages complete on any. */
public interface GroupStore {
    /**
     * Names a new group.
     *
     * @return a name no group has had, so that one that ends and one that begins do not meet in the store
     */
    String newName();

    /**
     * Keeps how far a group is, in place of what was kept before. The caller has one call for a group under way at a
     * time.
     *
     * @param name which
     * @param key what makes it a group
     * @param state how far it is
     * @return completes when it is as durable as a record
     */
    CompletionStage<Void> save(String name, GroupKey key, GroupState state);

    /**
     * Forgets a group.
     *
     * @param name which
     * @return completes when that is durable
     */
    CompletionStage<Void> remove(String name);

    /**
     * Notes that a session is a member, with a connection or without.
     *
     * @param name which group
     * @param session the name of the session's durable state
     * @return completes when that is durable
     */
    CompletionStage<Void> join(String name, String session);

    /**
     * Notes that a session is no member any more.
     *
     * @param name which group
     * @param session the name of the session's durable state
     * @return completes when that is durable
     */
    CompletionStage<Void> leave(String name, String session);

    /**
     * Shows all that is kept; what cannot be read is reported and left out. May block.
     *
     * @param groups told of each
     */
    void readAll(Reader groups);

    /** Takes what was kept. */
    @FunctionalInterface
    interface Reader {
        /**
         * One group.
         *
         * @param name what it is called
         * @param key what makes it a group
         * @param state how far it is
         * @param sessions its members
         */
        void group(String name, GroupKey key, GroupState state, Set<String> sessions);
    }
}
