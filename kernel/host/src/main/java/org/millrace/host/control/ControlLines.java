package org.millrace.host.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The lines of one conversation, see the package's description. One thread may read while another writes. */
final class ControlLines {
    static final char REQUEST = 'q';
    static final char DATA = 'd';
    static final char END = 'z';
    static final char PROGRESS = 'p';
    static final char RESULT = 'r';
    static final char FAILURE = 'e';

    private static final JsonFactory JSON = new JsonFactory();
    private static final int BUFFER = 64 << 10;

    private final InputStream in;
    private final OutputStream out;
    private final int maxLine;

    /** One line, its letter apart. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Line(char letter, byte[] content) {
        Map<String, String> strings() throws IOException {
            return object(content);
        }
    }

    ControlLines(SocketChannel channel, int maxLine) {
        this.in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        this.maxLine = maxLine;
    }

    /** Reads a line. Blocks. */
    Line read() throws IOException {
        int letter = in.read();
        if (letter < 0) {
            throw new EOFException("the other end is gone");
        }
        byte[] content = new byte[256];
        int length = -1; // the space
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the other end is gone in the middle of a line");
            }
            if (length == maxLine) {
                throw new IOException("a line has more than " + maxLine + " bytes");
            }
            if (length >= 0) {
                if (length == content.length) {
                    content = Arrays.copyOf(content, (int) Math.min(maxLine, length * 2L));
                }
                content[length] = (byte) b;
            }
            length++;
        }
        return new Line((char) letter, Arrays.copyOf(content, Math.max(0, length)));
    }

    void write(char letter, byte[] content) throws IOException {
        out.write(letter);
        out.write(' ');
        out.write(content);
        out.write('\n');
    }

    void write(char letter, Map<String, String> strings) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, String> member : strings.entrySet()) {
                json.writeStringField(member.getKey(), member.getValue());
            }
            json.writeEndObject();
        }
        write(letter, text.toByteArray());
        flush();
    }

    void flush() throws IOException {
        out.flush();
    }

    static Map<String, String> object(byte[] text) throws IOException {
        Map<String, String> strings = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("an object was expected, but '" + shown(text) + "' came");
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                String value = json.nextTextValue();
                if (value == null) {
                    throw new IOException("'" + name + "' is no string in '" + shown(text) + "'");
                }
                strings.put(name, value);
            }
        }
        return strings;
    }

    private static String shown(byte[] text) {
        return new String(text, 0, Math.min(text.length, 100), StandardCharsets.UTF_8);
    }
}
