package org.millrace.host.identity;

import org.millrace.spi.resource.TopicFilter;

/** Whether two topic filters have a path in common (MQTT 5 section 4.7). */
final class FilterOverlap {
    private FilterOverlap() {}

    static boolean of(TopicFilter one, TopicFilter other) {
        String[] a = one.toString().split("/", -1);
        String[] b = other.toString().split("/", -1);
        if ((isWild(a[0]) && b[0].startsWith("$")) || (isWild(b[0]) && a[0].startsWith("$"))) {
            return false;
        }
        int both = Math.min(a.length, b.length);
        for (int i = 0; i < both; i++) {
            if (a[i].equals("#") || b[i].equals("#")) {
                return true;
            }
            if (!a[i].equals("+") && !b[i].equals("+") && !a[i].equals(b[i])) {
                return false;
            }
        }
        // "sport/#" also matches "sport" (MQTT 5 section 4.7.1.2).
        return a.length == b.length || endsWithParent(a, both) || endsWithParent(b, both);
    }

    private static boolean isWild(String level) {
        return level.equals("+") || level.equals("#");
    }

    private static boolean endsWithParent(String[] levels, int at) {
        // The parent of "/#" would be the empty path, which there is not.
        boolean emptyParent = at == 1 && levels[0].isEmpty();
        return levels.length == at + 1 && levels[at].equals("#") && !emptyParent;
    }
}
