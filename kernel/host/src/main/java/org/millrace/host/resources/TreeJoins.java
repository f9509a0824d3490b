package org.millrace.host.resources;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.millrace.query.JoinedTables;
import org.millrace.query.Relationship;
import org.millrace.query.TableAccess;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/**
 * The tables of a tree, as one client's query joins them.
 *
 * @param tree the tree
 * @param readable refuses tables that the client may not read
 */
record TreeJoins(ResourceTree tree, Consumer<String> readable) implements JoinedTables {
    @Override
    public Map<String, Relationship> relationships(String table) {
        return tree.tables().relationships(table);
    }

    @Override
    public void requireReadable(String table) {
        readable.accept(table);
    }

    @Override
    public TableAccess access(String table) {
        return tree.table(table);
    }

    @Override
    public Optional<Entry> get(Path path) {
        return tree.read(path);
    }
}
