package org.millrace.query;

import java.util.List;
import org.millrace.content.AttributePath;

/** Which records indexes are to find. */
public sealed interface IndexRead {
    /**
     * Those whose attribute lies in a range.
     *
     * @param attribute has an index, or is {@code $id}, of which there are points only
     * @param range of its values
     */
    record Range(AttributePath attribute, ValueRange range) implements IndexRead {}

    /**
     * Those that each of several finds.
     *
     * @param parts at least one
     */
    record All(List<IndexRead> parts) implements IndexRead {
        /** Copies the list. */
        public All {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Those that one of several finds.
     *
     * @param parts none finds nothing
     */
    record Any(List<IndexRead> parts) implements IndexRead {
        /** Copies the list. */
        public Any {
            parts = List.copyOf(parts);
        }
    }
}
