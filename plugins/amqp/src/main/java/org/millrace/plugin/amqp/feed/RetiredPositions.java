package org.millrace.plugin.amqp.feed;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.millrace.spi.plugin.PluginStore;

/**
 * Where the positions are written down that transactions settle: beside what else the transactions write, in slots of the
 * group that are used again once the group's place says the same. What stands in a slot longer than needed does no harm.
 * Used by the group's home.
 */
final class RetiredPositions {
    static final String FOLDER = "retired/";

    private final String prefix;
    private final BitSet used = new BitSet();
    private final BitSet decided = new BitSet();

    RetiredPositions(String groupKey) {
        prefix = FOLDER + groupKey + "/";
    }

    /** Takes a slot. */
    int take() {
        int slot = used.nextClearBit(0);
        used.set(slot);
        return slot;
    }

    PluginStore.Update update(int slot, List<Item> items) {
        ByteBuffer out = ByteBuffer.allocate(Long.BYTES * items.size());
        items.forEach(item -> out.putLong(item.position()));
        return new PluginStore.Update(prefix + slot, out.array());
    }

    /** The group knows what its transaction came to: the next place that is saved says it too. */
    void decided(int slot) {
        decided.set(slot);
    }

    /** Hands over the slots that are free once a place is saved which is made now. */
    BitSet toBeFreed() {
        BitSet slots = (BitSet) decided.clone();
        decided.clear();
        return slots;
    }

    /** The place was not saved: the next one will say it. */
    void decided(BitSet slots) {
        decided.or(slots);
    }

    void free(BitSet slots) {
        used.andNot(slots);
    }

    /** The group whose positions stand under a key. */
    static String groupKey(String key) {
        return key.substring(FOLDER.length(), key.lastIndexOf('/'));
    }

    static List<Long> positions(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        List<Long> positions = new ArrayList<>();
        while (in.hasRemaining()) {
            positions.add(in.getLong());
        }
        return positions;
    }
}
