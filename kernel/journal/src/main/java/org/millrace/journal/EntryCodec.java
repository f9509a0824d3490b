package org.millrace.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/**
 * Changes to frames and back. Pure: no I/O, no state. What follows the frame's head, each part only if its flag is set
 * except the path: path (u16 length), expiry (i64 seconds, i32 nanoseconds), source (u32 length), properties (u32
 * count; each u8 form, name and value with u32 lengths), patch and content (media type, u32 length, bytes). A media type
 * is one byte, or 0, a u8 length and its name.
 */
final class EntryCodec {
    private static final List<MediaType> KNOWN = List.of(
            MediaType.JSON,
            MediaType.CBOR,
            MediaType.MSGPACK,
            MediaType.JSON_PATCH,
            MediaType.MERGE_PATCH,
            MediaType.OCTET_STREAM,
            MediaType.TEXT);
    private static final int TEXT_PROPERTY = 0;
    private static final int BINARY_PROPERTY = 1;
    /** The most bytes one UTF-16 unit becomes in UTF-8. */
    private static final int UTF8_MAX = 3;

    private EntryCodec() {}

    /** The most bytes a change can take as a frame. */
    static long maxSize(Change change) {
        long size = Frame.BODY + Frame.ALIGNMENT + Short.BYTES + Long.BYTES + 2 * Integer.BYTES;
        size += (long) UTF8_MAX
                * (change.path().toString().length() + change.source().length());
        if (!change.properties().isEmpty()) {
            size += Integer.BYTES;
            for (Properties.Property p : change.properties().list()) {
                size += 1 + 2 * Integer.BYTES + (long) UTF8_MAX * p.name().length();
                size += switch (p) {
                    case Properties.Text t -> (long) UTF8_MAX * t.value().length();
                    case Properties.Binary b -> b.value().length;
                };
            }
        }
        return size + maxSize(change.patch()) + maxSize(change.content());
    }

    private static long maxSize(Optional<Content> content) {
        if (content.isEmpty()) {
            return 0;
        }
        return 2
                + content.get().mediaType().name().length()
                + Integer.BYTES
                + (long) content.get().size();
    }

    /**
     * Writes a frame at the buffer's position, which moves to the frame's end. The witness and the checksum are left
     * for {@link Frame#seal}.
     */
    static void encode(Change change, boolean endOfGroup, ByteBuffer into) {
        int start = into.position();
        into.putLong(start + Frame.LENGTH, 0);
        into.putLong(start + Frame.SEQ, change.cursor().position());
        into.putInt(start + Frame.UNSYNCED, 0);
        into.put(start + Frame.TYPE, Frame.TYPE_CHANGE);
        into.put(start + Frame.KIND, (byte) code(change.kind()));
        into.put(start + Frame.QOS, (byte) code(change.qos()));
        into.putLong(start + Frame.CLOCK, change.version().clock());
        into.putLong(start + Frame.NODE, change.version().node());
        into.position(start + Frame.BODY);
        int flags = endOfGroup ? Frame.END_OF_GROUP : 0;

        int lengthAt = into.position();
        into.putShort((short) 0);
        into.putShort(lengthAt, (short) putUtf8(change.path().toString(), into));

        if (!change.expiresAt().equals(WriteOptions.NEVER)) {
            flags |= Frame.HAS_EXPIRY;
            Instant expiresAt = change.expiresAt();
            into.putLong(expiresAt.getEpochSecond()).putInt(expiresAt.getNano());
        }
        if (!change.source().isEmpty()) {
            flags |= Frame.HAS_SOURCE;
            putText(change.source(), into);
        }
        if (!change.properties().isEmpty()) {
            flags |= Frame.HAS_PROPERTIES;
            putProperties(change.properties().list(), into);
        }
        if (change.patch().isPresent()) {
            flags |= Frame.HAS_PATCH;
            putContent(change.patch().get(), into);
        }
        if (change.content().isPresent()) {
            flags |= Frame.HAS_CONTENT;
            putContent(change.content().get(), into);
        }
        into.put(start + Frame.FLAGS, (byte) flags);
        while ((into.position() - start) % Frame.ALIGNMENT != 0) {
            into.put((byte) 0);
        }
        into.putInt(start + Frame.LENGTH, into.position() - start);
    }

    // Codes of their own: what is on disk must not depend on the order of the SPI's constants.
    private static int code(ChangeKind kind) {
        return switch (kind) {
            case PUT -> 1;
            case PATCH -> 2;
            case DELETE -> 3;
            case EXPIRE -> 4;
            case EVENT -> 5;
        };
    }

    private static ChangeKind kind(int code) {
        return switch (code) {
            case 1 -> ChangeKind.PUT;
            case 2 -> ChangeKind.PATCH;
            case 3 -> ChangeKind.DELETE;
            case 4 -> ChangeKind.EXPIRE;
            case 5 -> ChangeKind.EVENT;
            default -> throw new IllegalStateException("unknown kind of change: " + code);
        };
    }

    private static int code(Qos qos) {
        return switch (qos) {
            case AT_MOST_ONCE -> 0;
            case AT_LEAST_ONCE -> 1;
            case EXACTLY_ONCE -> 2;
        };
    }

    private static Qos qos(int code) {
        return switch (code) {
            case 0 -> Qos.AT_MOST_ONCE;
            case 1 -> Qos.AT_LEAST_ONCE;
            case 2 -> Qos.EXACTLY_ONCE;
            default -> throw new IllegalStateException("unknown quality of service: " + code);
        };
    }

    private static void putProperties(List<Properties.Property> list, ByteBuffer into) {
        into.putInt(list.size());
        for (Properties.Property p : list) {
            switch (p) {
                case Properties.Text t -> {
                    into.put((byte) TEXT_PROPERTY);
                    putText(t.name(), into);
                    putText(t.value(), into);
                }
                case Properties.Binary b -> {
                    into.put((byte) BINARY_PROPERTY);
                    putText(b.name(), into);
                    into.putInt(b.value().length).put(b.value());
                }
            }
        }
    }

    private static void putContent(Content content, ByteBuffer into) {
        int code = KNOWN.indexOf(content.mediaType()) + 1;
        into.put((byte) code);
        if (code == 0) {
            // A media type is ASCII and at most 127 long.
            into.put((byte) content.mediaType().name().length());
            putUtf8(content.mediaType().name(), into);
        }
        into.putInt(content.size()).put(content.bytes());
    }

    private static void putText(String text, ByteBuffer into) {
        int lengthAt = into.position();
        into.putInt(0);
        into.putInt(lengthAt, putUtf8(text, into));
    }

    /** Writes ASCII without an array in between, which is what nearly all names are. */
    private static int putUtf8(String text, ByteBuffer into) {
        int start = into.position();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                into.position(start);
                into.put(utf8);
                return utf8.length;
            }
            into.put((byte) c);
        }
        return into.position() - start;
    }

    /**
     * Reads the frame at {@code at}, whose checksum has been found right.
     *
     * @throws RuntimeException of any kind if the frame was written by something that knows more than this codec
     */
    static Change decode(ByteBuffer from, int at, long journalNode, ContentDecoder contents) {
        int flags = from.get(at + Frame.FLAGS);
        int position = from.position();
        int limit = from.limit();
        try {
            from.limit(at + from.getInt(at + Frame.LENGTH)).position(at + Frame.BODY);
            Path path = Path.of(getUtf8(Short.toUnsignedInt(from.getShort()), from));
            Change.Builder change = Change.of(
                            kind(from.get(at + Frame.KIND)),
                            path,
                            new Version(from.getLong(at + Frame.CLOCK), from.getLong(at + Frame.NODE)),
                            new Cursor(journalNode, from.getLong(at + Frame.SEQ)))
                    .qos(qos(from.get(at + Frame.QOS)));
            if ((flags & Frame.HAS_EXPIRY) != 0) {
                change.expiresAt(Instant.ofEpochSecond(from.getLong(), from.getInt()));
            }
            if ((flags & Frame.HAS_SOURCE) != 0) {
                change.source(getText(from));
            }
            if ((flags & Frame.HAS_PROPERTIES) != 0) {
                change.properties(getProperties(from));
            }
            if ((flags & Frame.HAS_PATCH) != 0) {
                change.patch(getContent(from, contents));
            }
            if ((flags & Frame.HAS_CONTENT) != 0) {
                change.content(getContent(from, contents));
            }
            return change.build();
        } finally {
            from.limit(limit).position(position);
        }
    }

    private static Properties getProperties(ByteBuffer from) {
        int count = from.getInt();
        List<Properties.Property> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int form = from.get();
            String name = getText(from);
            list.add(
                    switch (form) {
                        case TEXT_PROPERTY -> new Properties.Text(name, getText(from));
                        case BINARY_PROPERTY -> new Properties.Binary(name, getBytes(from));
                        default -> throw new IllegalStateException("unknown form of property: " + form);
                    });
        }
        return Properties.of(list);
    }

    private static Content getContent(ByteBuffer from, ContentDecoder contents) {
        int code = from.get();
        MediaType type = code == 0 ? new MediaType(getUtf8(from.get(), from)) : KNOWN.get(code - 1);
        return contents.decode(type, getBytes(from));
    }

    private static String getText(ByteBuffer from) {
        return getUtf8(from.getInt(), from);
    }

    private static String getUtf8(int length, ByteBuffer from) {
        if (from.hasArray()) {
            String text =
                    new String(from.array(), from.arrayOffset() + from.position(), length, StandardCharsets.UTF_8);
            from.position(from.position() + length);
            return text;
        }
        byte[] utf8 = new byte[length];
        from.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static byte[] getBytes(ByteBuffer from) {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        return bytes;
    }
}
