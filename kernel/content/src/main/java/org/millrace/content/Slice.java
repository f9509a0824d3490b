package org.millrace.content;

/**
 * A value as the bytes it came in, which is how a patch leaves what it does not touch.
 *
 * @param format what the bytes are
 * @param bytes a content's bytes; not to be altered
 * @param from where the value begins
 * @param to behind its last byte
 */
@SuppressWarnings("ArrayRecordComponent") // a view into bytes that are never altered; slices are not compared
record Slice(StructuredFormat format, byte[] bytes, int from, int to) implements PatchNode {
    /** The one value of a content, without the white space around it. */
    static Slice of(StructuredContent content) {
        byte[] bytes = content.array();
        int from = 0;
        int to = bytes.length;
        if (content.format() == StructuredFormat.JSON) {
            while (JsonText.isSpace(bytes[from])) {
                from++;
            }
            while (JsonText.isSpace(bytes[to - 1])) {
                to--;
            }
        }
        return new Slice(content.format(), bytes, from, to);
    }

    int length() {
        return to - from;
    }

    ValueReader reader() {
        return format.reader(bytes, from, to);
    }

    /** The token the value begins with; for JSON only as exact as its first byte tells. */
    Token first() {
        if (format == StructuredFormat.JSON) {
            return switch (bytes[from]) {
                case '{' -> Token.MAP_START;
                case '[' -> Token.ARRAY_START;
                case 'n' -> Token.NULL;
                case 't' -> Token.TRUE;
                case 'f' -> Token.FALSE;
                case '"' -> Token.TEXT;
                default -> Token.INTEGER;
            };
        }
        try (ValueReader reader = reader()) {
            return reader.next();
        }
    }

    Value value() {
        try (ValueReader reader = reader()) {
            return reader.value(reader.next());
        }
    }
}
