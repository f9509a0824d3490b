package org.millrace.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.AttributeSelection;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;

/** The indexes of one table. Immutable, but for what an {@link Index} says of its progress. */
final class TableIndexes {
    /** What records are found by without an index. */
    static final AttributePath ID = AttributePath.parse("$id");

    private final String name;
    private final byte[] table;
    private final List<Index> indexes;
    private final AttributeSelection selection;

    TableIndexes(String table, List<Index> indexes) {
        this.name = table;
        this.table = table.getBytes(StandardCharsets.UTF_8);
        this.indexes = List.copyOf(indexes);
        this.selection = new AttributeSelection(
                this.indexes.stream().map(Index::attribute).toList());
    }

    List<Index> indexes() {
        return indexes;
    }

    String name() {
        return name;
    }

    /** The table's name in UTF-8; not to be altered. */
    byte[] table() {
        return table;
    }

    @Nullable
    Index of(AttributePath attribute) {
        for (Index index : indexes) {
            if (index.attribute().equals(attribute)) {
                return index;
            }
        }
        return null;
    }

    /** The keys of a record's entries, one for each index in the order of {@link #indexes()}. */
    byte[][] keys(byte[] recordKey, Content content) {
        List<Value> values = selection.extract(content);
        byte[] suffix = suffix(recordKey);
        byte[][] keys = new byte[values.size()][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = IndexKey.of(indexes.get(i).id(), values.get(i), suffix);
        }
        return keys;
    }

    byte[] suffix(byte[] recordKey) {
        return IndexKey.suffix(recordKey, table.length);
    }
}
