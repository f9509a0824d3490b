package org.millrace.plugin.amqp.feed;

import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;

/** How far a group has come: what it was shown, and what of that is not settled. Used by the group's home. */
final class Progress {
    final Reach reach;
    private final GroupSpec spec;
    private final GroupPlace from;
    private final TreeSet<Long> open = new TreeSet<>();
    private long high;
    private long lastOffered;

    Progress(GroupSpec spec, GroupPlace from) {
        this.spec = spec;
        this.from = from;
        this.high = from.high();
        this.lastOffered = from.reach();
        this.reach = new Reach(spec.durable() ? from.reach() : Long.MAX_VALUE);
        // What is open is read again from the journal; until then it must not be forgotten.
        open.addAll(from.open());
    }

    /** Takes a change that was read; gives nothing if an earlier run settled it, or it is of no interest. */
    @Nullable
    Item came(Change change) {
        long position = change.cursor().position();
        if (!from.isOpen(position) || change.kind() == ChangeKind.EXPIRE) {
            open.remove(position);
            return null;
        }
        boolean tracked = position <= from.high() || position > high;
        if (tracked) {
            high = Math.max(high, position);
            open.add(position);
        }
        return new Item(change, 0, position <= from.reach(), tracked);
    }

    void offered(Item item) {
        lastOffered = Math.max(lastOffered, item.position());
    }

    void settled(Item item) {
        if (item.tracked()) {
            open.remove(item.position());
        }
    }

    /** There is nobody left to whom anything was offered. */
    void nobodyIsThere() {
        reach.takeBack(lastOffered);
    }

    /**
     * The place as it is now.
     *
     * @param readTo up to where everything was read, also what is not of this group; -1 if that is not known
     * @param idleSince since when there are no members; 0 if there are some
     */
    GroupPlace place(long readTo, long idleSince) {
        long end = open.isEmpty() ? Math.max(high, readTo) : high;
        return new GroupPlace(
                from.node(),
                end,
                reach.asked(),
                idleSince,
                new TreeSet<>(open),
                from.done().stream().filter(position -> position > end).collect(Collectors.toSet()),
                spec.filter().toString(),
                spec.condition());
    }
}
