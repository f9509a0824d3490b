package org.millrace.plugin.amqp.feed;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.millrace.spi.resource.Cursor;

/**
 * A group's durable place. Of everything up to {@code high}, all but {@code open} is settled; behind it nothing is, but
 * {@code done}. As bytes it begins with what the group follows, so that a subscription is known again.
 *
 * @param node the node whose journal is meant
 * @param high the last change that came to the group
 * @param reach the last change that may have been offered to a member; it may be far ahead of {@code high}
 * @param idleSince since when the group has no members, in epoch milliseconds; 0 while it has some
 * @param open the changes up to {@code high} that are not settled
 * @param done the changes behind {@code high} that are settled
 * @param filter the paths the group follows
 * @param condition its selector
 */
record GroupPlace(
        long node,
        long high,
        long reach,
        long idleSince,
        Set<Long> open,
        Set<Long> done,
        String filter,
        String condition) {
    private static final byte FORMAT = 2;
    private static final byte FORMAT_WITHOUT_REACH = 1;

    static GroupPlace at(Cursor cursor, GroupSpec spec, long idleSince) {
        return new GroupPlace(
                cursor.node(),
                cursor.position(),
                cursor.position(),
                idleSince,
                Set.of(),
                Set.of(),
                spec.filter().toString(),
                spec.condition());
    }

    /** Where reading starts: before the first change that is not settled. */
    Cursor start() {
        long first = open.stream().mapToLong(Long::longValue).min().orElse(high + 1);
        return new Cursor(node, Math.min(high, first - 1));
    }

    boolean isOf(GroupSpec spec) {
        return filter.equals(spec.filter().toString()) && condition.equals(spec.condition());
    }

    boolean isOpen(long position) {
        return position > high ? !done.contains(position) : open.contains(position);
    }

    /** The place with further changes settled. */
    GroupPlace without(Collection<Long> settled) {
        Set<Long> left = new TreeSet<>(open);
        Set<Long> behind = new TreeSet<>(done);
        for (long position : settled) {
            if (position > high) {
                behind.add(position);
            } else {
                left.remove(position);
            }
        }
        return new GroupPlace(node, high, reach, idleSince, left, behind, filter, condition);
    }

    /** What the place follows, from another place on, where nothing is settled yet. */
    GroupPlace at(Cursor cursor, long millis) {
        return new GroupPlace(
                cursor.node(), cursor.position(), cursor.position(), millis, Set.of(), Set.of(), filter, condition);
    }

    GroupPlace idleSince(long millis) {
        return new GroupPlace(node, high, reach, millis, open, done, filter, condition);
    }

    /** The place with nothing offered behind a change, since there was nothing. */
    GroupPlace reachingTo(long newest) {
        return new GroupPlace(node, high, Math.min(reach, newest), idleSince, open, done, filter, condition);
    }

    byte[] toBytes() {
        byte[] f = filter.getBytes(StandardCharsets.UTF_8);
        byte[] c = condition.getBytes(StandardCharsets.UTF_8);
        int size = 1 + 4 + f.length + 4 + c.length + 4 * Long.BYTES + 4 + 4 + Long.BYTES * (open.size() + done.size());
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(FORMAT).putInt(f.length).put(f).putInt(c.length).put(c);
        out.putLong(node).putLong(high).putLong(reach).putLong(idleSince);
        out.putInt(open.size());
        open.forEach(out::putLong);
        out.putInt(done.size());
        done.forEach(out::putLong);
        return out.array();
    }

    static GroupPlace of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT && format != FORMAT_WITHOUT_REACH) {
            throw new IllegalStateException("a kept place of an unknown format; was it written by a newer version?");
        }
        String filter = text(in);
        String condition = text(in);
        long node = in.getLong();
        long high = in.getLong();
        long reach = format == FORMAT ? in.getLong() : high;
        long idleSince = format == FORMAT ? in.getLong() : 0;
        Set<Long> open = positions(in);
        Set<Long> done = format == FORMAT ? positions(in) : Set.of();
        return new GroupPlace(node, high, reach, idleSince, open, done, filter, condition);
    }

    private static Set<Long> positions(ByteBuffer in) {
        Set<Long> positions = new TreeSet<>();
        for (int n = in.getInt(); n > 0; n--) {
            positions.add(in.getLong());
        }
        return positions;
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
