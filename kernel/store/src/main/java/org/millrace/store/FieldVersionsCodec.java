package org.millrace.store;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Version;

/**
 * Field versions as the property of a record that carries them through journal, disk and cluster: format (1), base,
 * then the fields (u16), each a pointer (u16 length, UTF-8), a version and counts (u16), each a node (u64), a sum (i64)
 * and a version. A version is clock and node (u64 each), numbers are big-endian. Pure.
 */
final class FieldVersionsCodec {
    /** The property; clients cannot set it. */
    static final String PROPERTY = "$fields";

    private static final byte FORMAT = 1;

    private FieldVersionsCodec() {}

    /** The properties with these versions among them; of a record that was put there is nothing to be said. */
    static Properties with(Properties properties, FieldVersions versions, Version version) {
        if (versions.isWhole() && versions.base().equals(version)) {
            return properties;
        }
        List<Properties.Property> list = new java.util.ArrayList<>(properties.list());
        list.add(new Properties.Binary(PROPERTY, encode(versions)));
        return Properties.of(list);
    }

    /** The properties without field versions. */
    static Properties without(Properties properties) {
        for (Properties.Property property : properties.list()) {
            if (property.name().equals(PROPERTY)) {
                return Properties.of(properties.list().stream()
                        .filter(other -> !other.name().equals(PROPERTY))
                        .toList());
            }
        }
        return properties;
    }

    /** What a record's properties say; for want of that it was put with its version. */
    static FieldVersions of(Properties properties, Version version) {
        if (properties.isEmpty()) {
            return FieldVersions.whole(version);
        }
        return properties
                .binary(PROPERTY)
                .map(FieldVersionsCodec::decode)
                .orElseGet(() -> FieldVersions.whole(version));
    }

    private static byte[] encode(FieldVersions versions) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            write(versions.base(), out);
            out.writeShort(versions.fields().size());
            for (Map.Entry<String, FieldVersions.Field> entry :
                    versions.fields().entrySet()) {
                byte[] pointer = entry.getKey().getBytes(StandardCharsets.UTF_8);
                out.writeShort(pointer.length);
                out.write(pointer);
                write(entry.getValue().version(), out);
                out.writeShort(entry.getValue().counts().size());
                for (Map.Entry<Long, FieldVersions.Count> count :
                        entry.getValue().counts().entrySet()) {
                    out.writeLong(count.getKey());
                    out.writeLong(count.getValue().sum());
                    write(count.getValue().last(), out);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Version version, DataOutputStream out) throws IOException {
        out.writeLong(version.clock());
        out.writeLong(version.node());
    }

    private static FieldVersions decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException("field versions of format " + format + " found; this release reads format "
                    + FORMAT + ". Bring all nodes to the same release");
        }
        Version base = version(in);
        SortedMap<String, FieldVersions.Field> fields = new TreeMap<>();
        for (int left = Short.toUnsignedInt(in.getShort()); left > 0; left--) {
            byte[] pointer = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(pointer);
            Version version = version(in);
            SortedMap<Long, FieldVersions.Count> counts = new TreeMap<>();
            for (int nodes = Short.toUnsignedInt(in.getShort()); nodes > 0; nodes--) {
                counts.put(in.getLong(), new FieldVersions.Count(in.getLong(), version(in)));
            }
            fields.put(new String(pointer, StandardCharsets.UTF_8), new FieldVersions.Field(version, counts));
        }
        return new FieldVersions(base, fields);
    }

    private static Version version(ByteBuffer in) {
        return new Version(in.getLong(), in.getLong());
    }
}
