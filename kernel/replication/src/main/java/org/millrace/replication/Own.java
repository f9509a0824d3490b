package org.millrace.replication;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Path;
import org.millrace.store.InternalPaths;

/** Which records this node has in common with others, and so which changes of the journal go to them. Immutable. */
final class Own {
    static final String DEFINITIONS = "$sys/tables/";

    /** Null for all tables. */
    private final @Nullable Pattern tables;

    private Own(@Nullable Pattern tables) {
        this.tables = tables;
    }

    /**
     * Of certain tables.
     *
     * @param tables their names, in which {@code *} stands for any characters; empty for all tables
     */
    static Own of(List<String> tables) {
        return new Own(
                tables.isEmpty()
                        ? null
                        : Pattern.compile(tables.stream().map(Own::expression).collect(Collectors.joining("|"))));
    }

    private static String expression(String table) {
        return Pattern.compile("\\*")
                .splitAsStream(table + "\0") // so that a star at the end counts
                .map(text -> text.replace("\0", ""))
                .map(text -> text.isEmpty() ? "" : Pattern.quote(text))
                .collect(Collectors.joining(".*"));
    }

    /**
     * Whether a change is to be sent: this node has decided it, and it is about a client's record or a table's
     * definition. Expiries are not: each node lets the record expire by itself.
     */
    boolean isSent(Change change, long node) {
        return change.version().node() == node && change.kind() != ChangeKind.EXPIRE && isShared(change.path());
    }

    /** Whether this node has a path in common with others. */
    boolean isShared(Path path) {
        if (!path.isSystem()) {
            return tables == null || isSharedTable(path.table());
        }
        String text = path.toString();
        return text.startsWith(DEFINITIONS)
                ? tables == null || isSharedTable(text.substring(DEFINITIONS.length()))
                : InternalPaths.isCommon(path);
    }

    /** Whether a client's table is one of them. */
    boolean isSharedTable(String table) {
        return tables == null || tables.matcher(table).matches();
    }
}
