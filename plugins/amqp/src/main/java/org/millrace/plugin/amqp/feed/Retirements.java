package org.millrace.plugin.amqp.feed;

import java.util.List;
import org.millrace.spi.plugin.PluginStore;

/** The transactions in which items of a group are being accepted. Used by the group's home, but for what it gives away. */
final class Retirements {
    private final Group group;
    private final boolean durable;
    private final RetiredPositions positions;
    private int undecided;

    /**
     * Begins without any.
     *
     * @param durable whether what is accepted has to be written down with the transaction
     */
    Retirements(Group group, boolean durable, RetiredPositions positions) {
        this.group = group;
        this.durable = durable;
        this.positions = positions;
    }

    boolean isAnyUndecided() {
        return undecided > 0;
    }

    /** Takes items from a member until its transaction is decided. */
    Retirement begin(Member member, List<Item> items) {
        List<Item> own = items.stream().filter(member::takeBack).toList();
        List<Item> tracked = own.stream().filter(Item::tracked).toList();
        int slot = durable && !tracked.isEmpty() ? positions.take() : -1;
        List<PluginStore.Update> beside = slot < 0 ? List.of() : List.of(positions.update(slot, tracked));
        undecided++;
        return new Retirement() {
            @Override
            public List<PluginStore.Update> beside() {
                return beside;
            }

            @Override
            public void decide(boolean committed) {
                group.onHome(() -> decided(member, own, slot, committed));
            }
        };
    }

    private void decided(Member member, List<Item> items, int slot, boolean committed) {
        undecided--;
        if (slot >= 0) {
            positions.decided(slot);
        }
        for (Item item : items) {
            if (committed) {
                group.finished(item);
            } else {
                group.notAccepted(member, item);
            }
        }
    }
}
