package org.millrace.plugin.websocket.envelope;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.millrace.spi.content.Content;

/** Collects the fields of a message. Used by one thread. */
public final class FieldWriter {
    private final WireFormat format;
    private final Encoding encoding;
    private final ByteBuf out = Unpooled.buffer(256);
    private int count;

    /** A writer without fields. */
    public FieldWriter(WireFormat format) {
        this.format = format;
        this.encoding = format.encoding();
    }

    private void name(String name) {
        if (count++ > 0) {
            encoding.separate(out);
        }
        encoding.name(out, name);
    }

    /** A text. */
    public FieldWriter text(String name, String text) {
        name(name);
        encoding.text(out, text);
        return this;
    }

    /** A whole number. */
    public FieldWriter integer(String name, long number) {
        name(name);
        encoding.integer(out, number);
        return this;
    }

    /** The name of a request, a {@code Long} or a {@code String}. */
    public FieldWriter id(String name, Object id) {
        return id instanceof Long number ? integer(name, number) : text(name, id.toString());
    }

    /** A map. */
    public FieldWriter map(String name, Fields map) {
        name(name);
        nested(map);
        return this;
    }

    /** A map from texts to texts. */
    public FieldWriter textMap(String name, Map<String, String> map) {
        name(name);
        encoding.openMap(out, map.size());
        boolean first = true;
        for (Map.Entry<String, String> entry : map.entrySet()) {
            if (!first) {
                encoding.separate(out);
            }
            first = false;
            key(entry.getKey());
            encoding.text(out, entry.getValue());
        }
        encoding.closeMap(out);
        return this;
    }

    /** A key that is anybody's text. */
    private void key(String key) {
        encoding.text(out, key);
        if (format == WireFormat.JSON) {
            out.writeByte(':');
        }
    }

    /** A list of maps. */
    public FieldWriter maps(String name, List<Fields> maps) {
        name(name);
        encoding.openList(out, maps.size());
        for (int i = 0; i < maps.size(); i++) {
            if (i > 0) {
                encoding.separate(out);
            }
            nested(maps.get(i));
        }
        encoding.closeList(out);
        return this;
    }

    private void nested(Fields map) {
        encoding.openMap(out, map.count());
        out.writeBytes(map.bytes());
        encoding.closeMap(out);
    }

    /** A record's or event's content: {@code value} if it is structured, otherwise {@code type} and {@code data}. */
    public FieldWriter content(Content content) {
        if (content.canBe(format.mediaType())) {
            name(Envelope.VALUE);
            out.writeBytes(content.as(format.mediaType()).bytes());
            return this;
        }
        text("type", content.mediaType().name());
        name("data");
        encoding.bytes(out, content.toByteArray());
        return this;
    }

    /** What was written. */
    public Fields done() {
        return new Fields(count, ByteBufUtil.getBytes(out));
    }
}
