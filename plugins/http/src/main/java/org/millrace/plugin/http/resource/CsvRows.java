package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.JsonSlices;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/**
 * Rows as comma-separated values (RFC 4180): the id, then the attributes that {@code select} names, or else those of the
 * first rows, which wait for each other until there are enough to tell. Strings are plain, null is empty, everything else
 * is JSON. A content that is no object is in the column {@code value}.
 */
final class CsvRows implements RowFormat {
    private static final String VALUE = "value";
    private static final int FIRST_ROWS = 100;
    private static final int FIRST_BYTES = 64 * 1024;

    /** A selection of plain attributes; one that computes or joins is told by its rows. */
    private static final Pattern SELECT =
            Pattern.compile("(?:^|&)select\\(([A-Za-z0-9_$.-]+(?:,[A-Za-z0-9_$.-]+)*)\\)(?=&|$)");

    /** A row's cells: an object's attributes, or one text. */
    private record Cells(String id, @Nullable Map<String, byte[]> members, String value) {}

    private final List<Cells> waiting = new ArrayList<>();
    private final Set<String> columns = new LinkedHashSet<>();
    private boolean decided;
    private boolean begun;
    private boolean ids = true;
    private int size;

    CsvRows(String query) {
        Matcher select = SELECT.matcher(query);
        if (select.find()) {
            decided = true;
            for (String name : select.group(1).split(",", -1)) {
                int dot = name.indexOf('.');
                columns.add(dot > 0 ? name.substring(0, dot) : name);
            }
            columns.remove("$id");
        }
    }

    @Override
    public String contentType() {
        return "text/csv; charset=utf-8; header=present";
    }

    @Override
    public ByteBuffer row(Row row, boolean first) {
        if (first) {
            ids = !row.version().equals(Version.NONE);
        }
        Cells cells = cells(row);
        StringBuilder lines = new StringBuilder(128);
        if (decided) {
            line(lines, cells);
        } else {
            waiting.add(cells);
            size += row.content().size();
            if (waiting.size() == FIRST_ROWS || size > FIRST_BYTES) {
                decide(lines);
            }
        }
        return bytes(lines);
    }

    private static Cells cells(Row row) {
        Content content = row.content();
        String id = row.path().id();
        if (!content.canBe(MediaType.JSON)) {
            return new Cells(id, null, Base64.getEncoder().encodeToString(content.toByteArray()));
        }
        byte[] json = content.as(MediaType.JSON).toByteArray();
        Map<String, byte[]> members = JsonSlices.members(json);
        return new Cells(id, members, members == null ? text(json) : "");
    }

    /** Enough rows have come, or all. */
    private void decide(StringBuilder lines) {
        decided = true;
        for (Cells cells : waiting) {
            if (cells.members == null) {
                columns.add(VALUE);
            } else {
                columns.addAll(cells.members.keySet());
            }
        }
        waiting.forEach(cells -> line(lines, cells));
        waiting.clear();
    }

    private void line(StringBuilder lines, Cells cells) {
        begin(lines);
        String separator = "";
        if (ids) {
            cell(lines, cells.id);
            separator = ",";
        }
        for (String column : columns) {
            lines.append(separator);
            separator = ",";
            if (cells.members != null) {
                cell(lines, text(cells.members.get(column)));
            } else if (column.equals(VALUE)) {
                cell(lines, cells.value);
            }
        }
        lines.append("\r\n");
    }

    /** The header, once. */
    private void begin(StringBuilder lines) {
        if (begun) {
            return;
        }
        begun = true;
        String separator = "";
        if (ids) {
            lines.append(idColumn());
            separator = ",";
        }
        for (String column : columns) {
            cell(lines.append(separator), column);
            separator = ",";
        }
        lines.append("\r\n");
    }

    /** How the id's column is called: an attribute keeps its name, also if that is {@code id}. */
    private String idColumn() {
        String name = "id";
        while (columns.contains(name)) {
            name = "$" + name;
        }
        return name;
    }

    private static String text(byte @Nullable [] json) {
        if (json == null) {
            return "";
        }
        if (JsonSlices.isText(json)) {
            return JsonSlices.text(json);
        }
        String text = new String(json, StandardCharsets.UTF_8);
        return text.equals("null") ? "" : text;
    }

    private static void cell(StringBuilder line, String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        if (plain) {
            line.append(text);
        } else {
            line.append('"').append(text.replace("\"", "\"\"")).append('"');
        }
    }

    private static ByteBuffer bytes(StringBuilder lines) {
        return ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public ByteBuffer end(boolean empty) {
        StringBuilder lines = new StringBuilder();
        if (!decided) {
            decide(lines);
        } else if (empty) {
            begin(lines);
        }
        return bytes(lines);
    }
}
