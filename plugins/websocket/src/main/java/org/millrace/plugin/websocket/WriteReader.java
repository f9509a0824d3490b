package org.millrace.plugin.websocket;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.plugin.websocket.envelope.Envelope;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Makes writes of messages. Everything that is not as it should be is {@link ErrorCode#INVALID}. */
final class WriteReader {
    private final WireFormat format;
    private final Contents contents;
    private final Clock clock;

    WriteReader(WireFormat format, Contents contents, Clock clock) {
        this.format = format;
        this.contents = contents;
        this.clock = clock;
    }

    /** The write a message asks for. */
    Write write(Op op, Envelope message) {
        Path path = Path.of(message.needText("path"));
        return switch (op) {
            case PUT -> new Write.Put(path, content(message), options(message));
            case PATCH -> new Write.Patch(path, content(message), options(message));
            case DELETE -> new Write.Delete(path, options(message));
            case PUBLISH -> new Write.Publish(path, content(message), options(message));
            case GET, POST, TRANSACT, QUERY, SUBSCRIBE, UNSUBSCRIBE, REQUEST, AUTHENTICATE, PING ->
                throw new ResourceException(
                        ErrorCode.INVALID, "a transaction takes put, patch, delete and publish, not " + op.wireName());
        };
    }

    /** The writes of a transaction. */
    List<Write> writes(Envelope message) {
        List<Write> writes = new ArrayList<>();
        for (Envelope one : message.envelopes("writes")) {
            writes.add(write(Op.of(one), one));
        }
        if (writes.isEmpty()) {
            throw new ResourceException(ErrorCode.INVALID, "a transaction needs at least one write");
        }
        return writes;
    }

    /** The content of a message: its {@code value} as it came, or its {@code data} of the {@code type} it names. */
    Content content(Envelope message) {
        boolean structured = message.has(Envelope.VALUE);
        if (structured == message.has("data")) {
            throw new ResourceException(
                    ErrorCode.INVALID, structured ? "give value or data, not both" : "field 'value' is missing");
        }
        Optional<MediaType> type = message.text("type").map(MediaType::parse);
        if (!structured) {
            return contents.of(type.orElse(MediaType.OCTET_STREAM), message.bytes("data"));
        }
        MediaType declared = type.orElse(format.mediaType());
        boolean patch = declared.equals(MediaType.JSON_PATCH) || declared.equals(MediaType.MERGE_PATCH);
        if (!declared.equals(format.mediaType()) && !(format == WireFormat.JSON && patch)) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "a value is " + format.mediaType() + " here; content of another type goes into data");
        }
        return contents.of(declared, message.value());
    }

    /** What a message asks beyond path and content. */
    WriteOptions options(Envelope message) {
        WriteOptions options = WriteOptions.DEFAULT
                .withPrecondition(precondition(message))
                .withProperties(properties(message.textMap("properties")));
        var expiresIn = message.positive("expiresIn");
        if (expiresIn.isPresent()) {
            options = options.withExpiresAt(clock.instant().plus(Duration.ofSeconds(expiresIn.getAsLong())));
        }
        Optional<String> durability = message.text("durability");
        return durability.isEmpty() ? options : options.withDurability(durability(durability.get()));
    }

    private static Precondition precondition(Envelope message) {
        List<String> match = message.texts("ifMatch");
        List<String> noneMatch = message.texts("ifNoneMatch");
        if (!match.isEmpty() && !noneMatch.isEmpty()) {
            throw new ResourceException(ErrorCode.INVALID, "give ifMatch or ifNoneMatch, not both");
        }
        if (!match.isEmpty()) {
            return match.equals(List.of("*"))
                    ? Precondition.PRESENT
                    : new Precondition.AnyOf(match.stream().map(Version::parse).toList());
        }
        if (!noneMatch.isEmpty()) {
            return noneMatch.equals(List.of("*"))
                    ? Precondition.ABSENT
                    : new Precondition.NoneOf(
                            noneMatch.stream().map(Version::parse).toList());
        }
        return Precondition.NONE;
    }

    private static Properties properties(Map<String, String> map) {
        List<Properties.Property> list = new ArrayList<>();
        map.forEach((name, value) -> {
            if (name.startsWith("$")) {
                throw new ResourceException(ErrorCode.INVALID, "a property's name must not start with $");
            }
            list.add(new Properties.Text(name, value));
        });
        return Properties.of(list);
    }

    private static Durability durability(String name) {
        return switch (name) {
            case "table" -> Durability.TABLE;
            case "fsync" -> Durability.FSYNC;
            case "os" -> Durability.OS;
            case "memory" -> Durability.MEMORY;
            default ->
                throw new ResourceException(ErrorCode.INVALID, "field 'durability' must be table, fsync, os or memory");
        };
    }
}
