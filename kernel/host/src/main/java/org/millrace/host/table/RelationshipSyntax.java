package org.millrace.host.table;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;
import org.millrace.query.QueryParser;
import org.millrace.query.Relationship;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * Reads the {@code relationships} of a table's definition, such as {@code {"customer": {"table": "customers", "from":
 * "customerId"}, "lines": {"table": "lines", "to": "orderId"}}}.
 */
final class RelationshipSyntax {
    private static final int MOST = 32;
    private static final int LONGEST_NAME = 100;
    private static final String ID = "$id";

    private RelationshipSyntax() {}

    static Map<String, Relationship> read(Path path, Value value) {
        if (!(value instanceof Value.Struct(Map<String, Value> members)) || members.size() > MOST) {
            throw invalid(
                    path,
                    "'relationships' is an object of at most " + MOST
                            + " members such as \"customer\": {\"table\": \"customers\", \"from\": \"customerId\"}");
        }
        Map<String, Relationship> all = new LinkedHashMap<>();
        members.forEach((name, one) -> all.put(checkedName(path, name), relationship(path, name, one)));
        for (Map.Entry<String, Relationship> one : all.entrySet()) {
            AttributePath from = one.getValue().attribute();
            if (!one.getValue().isToMany() && all.containsKey(from.names().getFirst())) {
                throw wrong(
                        path,
                        one.getKey(),
                        "its 'from' names the relationship '" + from.names().getFirst()
                                + "'; it has to name an attribute of the record, so give the relationship another"
                                + " name");
            }
        }
        return Collections.unmodifiableMap(all);
    }

    private static String checkedName(Path path, String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.startsWith("$") || name.indexOf('.') >= 0) {
            throw wrong(
                    path,
                    name,
                    "its name has 1 to " + LONGEST_NAME + " characters, no '.', and does not begin with '$'");
        }
        if (QueryParser.AGGREGATES.contains(name.toLowerCase(java.util.Locale.ROOT))) {
            throw wrong(path, name, "in select() this is an aggregate; give it another name");
        }
        return name;
    }

    private static Relationship relationship(Path path, String name, Value value) {
        if (!(value instanceof Value.Struct(Map<String, Value> members))
                || members.size() != 2
                || !(members.get("table") instanceof Value.Text(String table))
                || members.containsKey("from") == members.containsKey("to")) {
            throw wrong(
                    path,
                    name,
                    "it is {\"table\": T, \"from\": A} if attribute A of this table holds the id of a record of table"
                        + " T, or {\"table\": T, \"to\": A} if attribute A of table T holds the id of a record of this"
                        + " one");
        }
        checkTable(path, name, table);
        boolean toMany = members.containsKey("to");
        AttributePath attribute = attribute(path, name, members.getOrDefault(toMany ? "to" : "from", Value.MISSING));
        boolean byId = attribute.toString().equals(ID);
        if (toMany && byId) {
            throw wrong(
                    path, name, "'to' names an attribute; the record with the same id is found by \"from\": \"$id\"");
        }
        if (byId && path.toString().equals(TableCatalog.PREFIX + table)) {
            throw wrong(
                    path,
                    name,
                    "it can only be cyclic, since it leads from each record to itself; name another table, or an"
                            + " attribute that holds the id of another record");
        }
        return new Relationship(table, attribute, toMany);
    }

    private static void checkTable(Path path, String name, String table) {
        if (table.isEmpty() || table.indexOf('/') >= 0 || table.startsWith("$")) {
            throw wrong(path, name, "'" + table + "' cannot be a table's name");
        }
        try {
            var _ = Path.of(table, "");
        } catch (ResourceException e) {
            throw wrong(path, name, "'" + table + "' cannot be a table's name: " + e.getMessage());
        }
    }

    private static AttributePath attribute(Path path, String name, Value value) {
        try {
            return AttributePath.parse(value instanceof Value.Text(String text) ? text : "");
        } catch (ResourceException e) {
            throw wrong(path, name, "'from' and 'to' name an attribute: " + e.getMessage());
        }
    }

    private static ResourceException wrong(Path path, String name, String what) {
        String shown = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "..." : name;
        return invalid(path, "relationship '" + shown + "': " + what);
    }

    private static ResourceException invalid(Path path, String what) {
        return new ResourceException(ErrorCode.INVALID, "'" + path + "': " + what);
    }
}
