package org.millrace.subscription;

import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.store.ScanRange;

/** A part of the tree of records to look for those a filter matches. */
sealed interface Stretch {
    /** One path. */
    record Point(Path path) implements Stretch {
        @Override
        public boolean holds(Path other) {
            return path.equals(other);
        }
    }

    /** Everything below a path: what begins with it and a slash. */
    record Below(String prefix) implements Stretch {
        @Override
        public boolean holds(Path path) {
            return path.toString().startsWith(prefix);
        }

        ScanRange range() {
            return ScanRange.prefix(prefix);
        }
    }

    /** Everything but the system's own. */
    record Everything() implements Stretch {
        @Override
        public boolean holds(Path path) {
            return !path.isSystem();
        }
    }

    boolean holds(Path path);

    /** The stretches that hold every path a filter matches, and as few others as can be; they do not overlap. */
    static List<Stretch> of(TopicFilter filter) {
        String text = filter.toString();
        if (filter.isExact()) {
            return List.of(new Point(Path.of(text)));
        }
        int wildcard = 0;
        while (text.charAt(wildcard) != '+' && text.charAt(wildcard) != '#') {
            wildcard++;
        }
        if (wildcard == 0) {
            return List.of(new Everything());
        }
        List<Stretch> stretches = new ArrayList<>(2);
        if (text.charAt(wildcard) == '#' && wildcard > 1) {
            // "sport/#" also matches "sport" (MQTT 5 section 4.7.1.2), which is no neighbour of what is below it.
            stretches.add(new Point(Path.of(text.substring(0, wildcard - 1))));
        }
        stretches.add(new Below(text.substring(0, wildcard)));
        return stretches;
    }
}
