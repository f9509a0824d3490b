package org.millrace.host.operation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * A record as one line of an export: a JSON object with {@code path}, {@code type}, {@code content} (JSON as it is) or
 * {@code base64} (all other types), {@code version}, and where the record has them {@code expires}, {@code qos} and
 * {@code properties}. Safe for use by any thread.
 */
final class RecordLine {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(ContentLimits.MAX_DIGITS)
                    .maxNestingDepth(ContentLimits.DEEPEST + 1)
                    .build())
            .build();

    private final ContentFormats formats;

    RecordLine(ContentFormats formats) {
        this.formats = formats;
    }

    /** Writes a record. */
    static byte[] encode(Entry entry) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(entry.content().size() + 256);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("path", entry.path().toString());
            json.writeStringField("type", entry.content().mediaType().name());
            byte[] bytes = entry.content().toByteArray();
            if (entry.content().mediaType().equals(MediaType.JSON)) {
                json.writeFieldName("content");
                json.writeRawValue(oneLine(bytes));
            } else {
                json.writeStringField("base64", Base64.getEncoder().encodeToString(bytes));
            }
            json.writeStringField("version", entry.version().toString());
            if (!entry.expiresAt().equals(WriteOptions.NEVER)) {
                json.writeStringField("expires", entry.expiresAt().toString());
            }
            if (entry.qos() != Qos.EXACTLY_ONCE) {
                json.writeNumberField("qos", entry.qos().ordinal());
            }
            if (!entry.properties().isEmpty()) {
                write(json, entry.properties());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toByteArray();
    }

    /** Line breaks in JSON are white space between its parts: within strings they are escaped. */
    private static String oneLine(byte[] json) {
        return new String(json, StandardCharsets.UTF_8).replace('\n', ' ').replace('\r', ' ');
    }

    private static void write(JsonGenerator json, Properties properties) throws IOException {
        json.writeArrayFieldStart("properties");
        for (Properties.Property property : properties.list()) {
            json.writeStartObject();
            json.writeStringField("name", property.name());
            switch (property) {
                case Properties.Text text -> json.writeStringField("value", text.value());
                case Properties.Binary binary ->
                    json.writeStringField("base64", Base64.getEncoder().encodeToString(binary.value()));
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /**
     * Reads a record.
     *
     * @throws ResourceException INVALID, or what the content is refused for
     */
    Write.Put decode(byte[] line) {
        Fields fields = new Fields();
        try (JsonParser json = JSON.createParser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw invalid("a JSON object was expected");
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                fields.read(name, json, line);
            }
            if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
                throw invalid("there is something behind the object");
            }
        } catch (JsonProcessingException e) {
            String said = e.getOriginalMessage();
            int aside = said.indexOf(" (start marker");
            throw invalid("malformed JSON at column " + e.getLocation().getColumnNr() + ": "
                    + (aside < 0 ? said : said.substring(0, aside)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return fields.put(formats);
    }

    private static ResourceException invalid(String problem) {
        return new ResourceException(ErrorCode.INVALID, problem);
    }

    /** What a line has said so far. */
    private static final class Fields {
        private @Nullable String path;
        private @Nullable MediaType type;
        private byte @Nullable [] content;
        private boolean inline;
        private Instant expires = WriteOptions.NEVER;
        private Qos qos = Qos.EXACTLY_ONCE;
        private Properties properties = Properties.NONE;

        void read(String name, JsonParser json, byte[] line) throws IOException {
            switch (name) {
                case "path" -> path = text(name, json);
                case "type" -> type = MediaType.parse(text(name, json));
                case "content" -> {
                    refuseSecond();
                    content = raw(json, line);
                    inline = true;
                }
                case "base64" -> {
                    refuseSecond();
                    content = base64(name, json);
                }
                case "version" -> {
                    try {
                        Version.parse(text(name, json)); // the record gets a new one
                    } catch (RuntimeException e) {
                        throw invalid("'version' is '" + json.getText() + "', which is no version");
                    }
                }
                case "expires" -> {
                    try {
                        expires = Instant.parse(text(name, json));
                    } catch (DateTimeException e) {
                        throw invalid(
                                "'expires' is '" + json.getText() + "'; write a time such as 2026-11-25T12:00:00Z");
                    }
                }
                case "qos" -> {
                    int value = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() : -1;
                    if (value < 0 || value > 2) {
                        throw invalid("'qos' is " + json.getText() + "; it must be 0, 1 or 2");
                    }
                    qos = Qos.values()[value];
                }
                case "properties" -> properties = properties(json);
                default ->
                    throw invalid("'" + name + "' is unknown; a record has path, type, content or base64, version,"
                            + " expires, qos and properties");
            }
        }

        private void refuseSecond() {
            if (content != null) {
                throw invalid("there are both 'content' and 'base64'");
            }
        }

        private static String text(String name, JsonParser json) throws IOException {
            if (json.currentToken() != JsonToken.VALUE_STRING) {
                throw invalid("'" + name + "' must be a string");
            }
            return json.getText();
        }

        private static byte[] base64(String name, JsonParser json) throws IOException {
            try {
                return Base64.getDecoder().decode(text(name, json));
            } catch (IllegalArgumentException e) {
                throw invalid("'" + name + "' is not base64: " + e.getMessage());
            }
        }

        /** The bytes of a value as they stand in the line. */
        private static byte[] raw(JsonParser json, byte[] line) throws IOException {
            int from = (int) json.currentTokenLocation().getByteOffset();
            if (json.currentToken().isStructStart()) {
                json.skipChildren();
            } else {
                json.finishToken();
            }
            return Arrays.copyOfRange(line, from, (int) json.currentLocation().getByteOffset());
        }

        private static Properties properties(JsonParser json) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw invalid("'properties' must be an array of objects");
            }
            List<Properties.Property> list = new ArrayList<>();
            while (json.nextToken() == JsonToken.START_OBJECT) {
                @Nullable String name = null;
                @Nullable String value = null;
                byte @Nullable [] bytes = null;
                for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                    json.nextToken();
                    switch (field) {
                        case "name" -> name = text(field, json);
                        case "value" -> value = text(field, json);
                        case "base64" -> bytes = base64(field, json);
                        default -> throw invalid("a property has name and value or base64, not '" + field + "'");
                    }
                }
                if (name == null || (value == null) == (bytes == null)) {
                    throw invalid("a property needs a name, and either value or base64");
                }
                list.add(value != null ? new Properties.Text(name, value) : new Properties.Binary(name, bytes));
            }
            if (json.currentToken() != JsonToken.END_ARRAY) {
                throw invalid("'properties' must be an array of objects");
            }
            return Properties.of(list);
        }

        Write.Put put(ContentFormats formats) {
            if (path == null) {
                throw invalid("'path' is missing");
            }
            if (content == null) {
                throw invalid("'content' or 'base64' is missing");
            }
            if (inline && type != null && !type.equals(MediaType.JSON)) {
                throw invalid("'content' is for type application/json, not " + type + "; use 'base64'");
            }
            MediaType declared = type != null ? type : inline ? MediaType.JSON : MediaType.OCTET_STREAM;
            Content made = formats.of(declared, content);
            return new Write.Put(
                    Path.of(path),
                    made,
                    WriteOptions.DEFAULT.withExpiresAt(expires).withQos(qos).withProperties(properties));
        }
    }
}
