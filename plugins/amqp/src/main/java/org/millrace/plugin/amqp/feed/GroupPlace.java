package org.millrace.plugin.amqp.feed;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.millrace.spi.resource.Cursor;

/**
 * A group's durable place: everything up to {@code high} was offered, and of it all but {@code open} is settled. As bytes
 * it begins with what the group follows, so that a subscription is known again.
 *
 * @param node the node whose journal is meant
 * @param high the last change that was offered to the group's members
 * @param open the changes up to there that are not settled
 * @param filter the paths the group follows
 * @param condition its selector
 */
record GroupPlace(long node, long high, Set<Long> open, String filter, String condition) {
    private static final byte FORMAT = 1;

    static GroupPlace at(Cursor cursor, GroupSpec spec) {
        return new GroupPlace(
                cursor.node(), cursor.position(), Set.of(), spec.filter().toString(), spec.condition());
    }

    /** Where reading starts: before the first change that is not settled. */
    Cursor start() {
        long first = open.stream().mapToLong(Long::longValue).min().orElse(high + 1);
        return new Cursor(node, Math.min(high, first - 1));
    }

    boolean isOf(GroupSpec spec) {
        return filter.equals(spec.filter().toString()) && condition.equals(spec.condition());
    }

    byte[] toBytes() {
        byte[] f = filter.getBytes(StandardCharsets.UTF_8);
        byte[] c = condition.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(1 + 4 + f.length + 4 + c.length + 16 + 4 + 8 * open.size());
        out.put(FORMAT).putInt(f.length).put(f).putInt(c.length).put(c);
        out.putLong(node).putLong(high).putInt(open.size());
        open.forEach(out::putLong);
        return out.array();
    }

    static GroupPlace of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.get() != FORMAT) {
            throw new IllegalStateException("a kept place of an unknown format; was it written by a newer version?");
        }
        String filter = text(in);
        String condition = text(in);
        long node = in.getLong();
        long high = in.getLong();
        Set<Long> open = new TreeSet<>();
        for (int n = in.getInt(); n > 0; n--) {
            open.add(in.getLong());
        }
        return new GroupPlace(node, high, open, filter, condition);
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
