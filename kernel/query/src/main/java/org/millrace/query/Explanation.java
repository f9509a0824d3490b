package org.millrace.query;

import java.util.LinkedHashMap;
import java.util.Map;
import org.millrace.content.ContentFormats;
import org.millrace.content.Value;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/**
 * What a query would do, as its {@code explain()} tells.
 *
 * @param table where
 * @param query what is asked
 */
record Explanation(String table, ParsedQuery query) {
    Row row(Path path, ContentFormats formats) {
        Map<String, Value> members = new LinkedHashMap<>();
        members.put("table", new Value.Text(table));
        members.put("access", new Value.Text("scan"));
        members.put("filter", query.where().equals(Condition.ALWAYS) ? Value.FALSE : Value.TRUE);
        members.put("sort", new Value.Text(sort()));
        if (query.limit() != Long.MAX_VALUE) {
            members.put("limit", new Value.Whole(query.limit()));
        }
        return new Row(path, Version.NONE, formats.write(MediaType.JSON, new Value.Struct(members)));
    }

    private String sort() {
        if (query.isAggregate()) {
            return "groups in memory";
        }
        if (query.sort().isEmpty()) {
            return "none";
        }
        return query.limit() == Long.MAX_VALUE ? "all rows in memory" : "first rows in memory";
    }
}
