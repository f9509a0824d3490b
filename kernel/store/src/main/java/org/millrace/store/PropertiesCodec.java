package org.millrace.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Properties.Binary;
import org.millrace.spi.resource.Properties.Property;
import org.millrace.spi.resource.Properties.Text;

/**
 * Properties as bytes: for each a type (0 text, 1 bytes), the name's length and the value's length as 32-bit numbers,
 * the name in UTF-8 and the value.
 */
final class PropertiesCodec {
    private static final byte TEXT = 0;
    private static final byte BINARY = 1;
    private static final byte[] NOTHING = {};

    private PropertiesCodec() {}

    static byte[] encode(Properties properties) {
        if (properties.isEmpty()) {
            return NOTHING;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer head = ByteBuffer.allocate(9);
        for (Property property : properties.list()) {
            byte[] name = property.name().getBytes(StandardCharsets.UTF_8);
            byte type;
            byte[] value;
            switch (property) {
                case Text text -> {
                    type = TEXT;
                    value = text.value().getBytes(StandardCharsets.UTF_8);
                }
                case Binary binary -> {
                    type = BINARY;
                    value = binary.value();
                }
            }
            head.clear().put(type).putInt(name.length).putInt(value.length);
            out.writeBytes(head.array());
            out.writeBytes(name);
            out.writeBytes(value);
        }
        return out.toByteArray();
    }

    /** Reads from position to {@code end}. */
    static Properties decode(ByteBuffer from, int end) {
        if (from.position() == end) {
            return Properties.NONE;
        }
        List<Property> list = new ArrayList<>();
        while (from.position() < end) {
            byte type = from.get();
            byte[] name = new byte[from.getInt()];
            byte[] value = new byte[from.getInt()];
            from.get(name).get(value);
            String named = new String(name, StandardCharsets.UTF_8);
            list.add(
                    type == TEXT
                            ? new Text(named, new String(value, StandardCharsets.UTF_8))
                            : new Binary(named, value));
        }
        return Properties.of(list);
    }
}
