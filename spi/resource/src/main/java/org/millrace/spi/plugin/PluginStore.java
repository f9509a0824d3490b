package org.millrace.spi.plugin;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * A plugin's private durable map, for sessions and the like. It is written through the same journal as the records, with
 * the same durability. Implemented by the host; safe for use by any thread.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface PluginStore {
    /**
     * What keys begin with whose values all nodes of a cluster are to have: they reach the others as records do, and of
     * two nodes' values the later prevails. All other keys belong to this node.
     *
     * @since 0.1
     */
    String SHARED = "shared/";

    /**
     * A value to be set together with a write of a client, both or neither: what a protocol has to remember so that the
     * client's repeating the write does not repeat its effect. See
     * {@link org.millrace.spi.resource.Resources#write(org.millrace.spi.resource.Write, Update)}.
     *
     * @param key not empty, a legal path
     * @param value belongs to the store from now on
     * @since 0.1
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Update(String key, byte[] value) {}

    /**
     * Reads a value.
     *
     * @param key not empty, a legal path
     * @return a copy of the value, if there is one
     */
    Optional<byte[]> get(String key);

    /**
     * Sets a value.
     *
     * @param key not empty, a legal path
     * @param value belongs to the store from now on
     * @return completes when it is on disk, on a thread of the host
     */
    CompletionStage<Void> put(String key, byte[] value);

    /**
     * Removes a value, if there is one.
     *
     * @param key not empty, a legal path
     * @return completes when that is on disk, on a thread of the host
     */
    CompletionStage<Void> remove(String key);

    /**
     * Shows every value whose key starts with a prefix, in the order of the keys. May block: not for event loops.
     *
     * @param prefix may be empty
     * @param consumer called on the calling thread
     */
    void forEach(String prefix, BiConsumer<String, byte[]> consumer);
}
