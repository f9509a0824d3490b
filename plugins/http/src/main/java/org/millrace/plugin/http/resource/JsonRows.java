package org.millrace.plugin.http.resource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.millrace.plugin.http.problem.JsonText;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/** Rows in JSON; opaque bytes are in {@code base64}. */
enum JsonRows implements RowFormat {
    /** One JSON array. */
    ARRAY("application/json", "[", ",\n", "]\n"),
    /** One JSON object a line. */
    NDJSON("application/x-ndjson", "", "\n", "\n");

    private final String contentType;
    private final byte[] start;
    private final byte[] between;
    private final byte[] end;

    JsonRows(String contentType, String start, String between, String end) {
        this.contentType = contentType;
        this.start = start.getBytes(StandardCharsets.US_ASCII);
        this.between = between.getBytes(StandardCharsets.US_ASCII);
        this.end = end.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public ByteBuffer row(Row row, boolean first) {
        StringBuilder head = new StringBuilder(96).append('{');
        if (!row.version().equals(Version.NONE)) {
            head.append("\"id\":");
            String path = row.path().toString();
            if (path.indexOf('/') < 0) {
                head.append("null");
            } else {
                JsonText.quote(head, row.path().id());
            }
            head.append(",\"etag\":\"").append(row.version()).append("\",");
        }
        Content content = row.content();
        boolean structured = content.canBe(MediaType.JSON);
        head.append(structured ? "\"value\":" : "\"type\":\"" + content.mediaType() + "\",\"base64\":\"");
        byte[] prefix = head.toString().getBytes(StandardCharsets.UTF_8);
        byte[] value = structured
                ? oneLine(content.as(MediaType.JSON).toByteArray())
                : Base64.getEncoder().encode(content.toByteArray());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(prefix.length + value.length + 4);
        bytes.writeBytes(first ? start : between);
        bytes.writeBytes(prefix);
        bytes.writeBytes(value);
        bytes.writeBytes(structured ? CLOSE : CLOSE_QUOTED);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static final byte[] CLOSE = {'}'};
    private static final byte[] CLOSE_QUOTED = {'"', '}'};

    @Override
    public ByteBuffer end(boolean empty) {
        if (!empty) {
            return ByteBuffer.wrap(end);
        }
        return this == NDJSON ? ByteBuffer.allocate(0) : ByteBuffer.wrap("[]\n".getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * JSON as it was stored may be spread over lines, which NDJSON must not be. Line ends in JSON are white space
     * always, since strings cannot hold them.
     */
    private static byte[] oneLine(byte[] json) {
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                json[i] = ' ';
            }
        }
        return json;
    }
}
