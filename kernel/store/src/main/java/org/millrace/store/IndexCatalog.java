package org.millrace.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The indexes that writes have to enter records in: those that are ready and those being built. Any thread reads;
 * {@link Overlay#publish} alone writes.
 */
final class IndexCatalog {
    private volatile Map<String, TableIndexes> tables = Map.of();

    /** A table's indexes, or null if it has none. */
    @Nullable
    TableIndexes of(String table) {
        Map<String, TableIndexes> all = tables;
        return all.isEmpty() ? null : all.get(table);
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** Every index of every table. */
    List<Index> all() {
        return tables.values().stream()
                .flatMap(table -> table.indexes().stream())
                .toList();
    }

    void set(Collection<Index> indexes) {
        tables = indexes.stream().collect(Collectors.groupingBy(Index::table)).entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, of -> new TableIndexes(of.getKey(), of.getValue())));
    }
}
