package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.JsonSlices;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/**
 * Rows as comma-separated values (RFC 4180): the id, then the attributes that the first row has, which {@code select}
 * names where they differ from row to row. Strings are plain, null is empty, everything else is JSON. A content that is
 * no object is in the column {@code value}.
 */
final class CsvRows implements RowFormat {
    private static final String VALUE = "value";

    private final List<String> columns = new ArrayList<>();
    private boolean ids;

    @Override
    public String contentType() {
        return "text/csv; charset=utf-8; header=present";
    }

    @Override
    public ByteBuffer row(Row row, boolean first) {
        Content content = row.content();
        byte @Nullable [] json =
                content.canBe(MediaType.JSON) ? content.as(MediaType.JSON).toByteArray() : null;
        Map<String, byte[]> members = json == null ? null : JsonSlices.members(json);
        StringBuilder line = new StringBuilder(128);
        if (first) {
            ids = !row.version().equals(Version.NONE);
            if (members == null) {
                columns.add(VALUE);
            } else {
                columns.addAll(members.keySet());
            }
            head(line);
        }
        boolean bare = true;
        if (ids) {
            cell(line, row.path().id());
            bare = false;
        }
        for (String column : columns) {
            if (!bare) {
                line.append(',');
            }
            bare = false;
            if (members != null) {
                member(line, members.get(column));
            } else if (column.equals(VALUE)) {
                if (json == null) {
                    line.append(Base64.getEncoder().encodeToString(content.toByteArray()));
                } else {
                    member(line, json);
                }
            }
        }
        return ByteBuffer.wrap(line.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    private void head(StringBuilder line) {
        if (ids) {
            line.append("id");
        }
        for (String column : columns) {
            if (!line.isEmpty()) {
                line.append(',');
            }
            cell(line, column);
        }
        line.append("\r\n");
    }

    private static void member(StringBuilder line, byte @Nullable [] json) {
        if (json == null) {
            return;
        }
        if (JsonSlices.isText(json)) {
            cell(line, JsonSlices.text(json));
            return;
        }
        String text = new String(json, StandardCharsets.UTF_8);
        if (!text.equals("null")) {
            cell(line, text);
        }
    }

    private static void cell(StringBuilder line, String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        if (plain) {
            line.append(text);
        } else {
            line.append('"').append(text.replace("\"", "\"\"")).append('"');
        }
    }

    @Override
    public ByteBuffer end(boolean empty) {
        return ByteBuffer.allocate(0);
    }
}
