package org.millrace.host.table;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.millrace.content.Document;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * What is declared of a table.
 *
 * @param ttl how long its records live, unless their writer says otherwise; empty for ever
 * @param durability what its changes have survived when they are acknowledged, unless their writer says otherwise:
 *     {@link Durability#FSYNC} or {@link Durability#OS}
 */
public record TableDefinition(Optional<Duration> ttl, Durability durability) {
    private static final TableDefinition DEFAULTS = new TableDefinition(Optional.empty(), Durability.FSYNC);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,15})(ms|s|m|h|d)");
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final List<String> KEYS = List.of("ttl", "durability");

    /**
     * Reads a definition.
     *
     * @param path where it is written, for messages
     * @param content a JSON object, or its like in CBOR or MessagePack
     * @return what it says
     * @throws ResourceException {@link ErrorCode#INVALID} naming the key that is wrong
     */
    public static TableDefinition of(Path path, Content content) {
        if (!content.canBe(MediaType.JSON) || !(Document.of(content).root() instanceof Value.Struct(var members))) {
            throw invalid(path, "a definition is a JSON object such as {\"ttl\": \"30d\"}");
        }
        TableDefinition definition = DEFAULTS;
        for (Map.Entry<String, Value> member : members.entrySet()) {
            Value value = member.getValue();
            definition = switch (member.getKey()) {
                case "ttl" -> new TableDefinition(Optional.of(duration(path, value)), definition.durability);
                case "durability" -> new TableDefinition(definition.ttl, durability(path, value));
                default -> throw invalid(path, "unknown key '" + member.getKey() + "'; there are " + KEYS);
            };
        }
        return definition;
    }

    private static Duration duration(Path path, Value value) {
        Matcher written = DURATION.matcher(value instanceof Value.Text(String text) ? text : "");
        if (written.matches()) {
            long n = Long.parseLong(written.group(1));
            long unitMillis = switch (written.group(2)) {
                case "ms" -> 1;
                case "s" -> 1_000;
                case "m" -> 60_000;
                case "h" -> 3_600_000;
                default -> 86_400_000;
            };
            if (n > 0 && n <= LONGEST.toMillis() / unitMillis) {
                return Duration.ofMillis(n * unitMillis);
            }
        }
        throw invalid(
                path,
                "'ttl' is a text such as \"500ms\", \"30s\", \"5m\", \"12h\" or \"30d\", more than 0 and at most "
                        + LONGEST.toDays() + "d");
    }

    private static Durability durability(Path path, Value value) {
        String text = value instanceof Value.Text(String given) ? given : "";
        for (Durability known : List.of(Durability.FSYNC, Durability.OS)) {
            if (known.name().toLowerCase(Locale.ROOT).equals(text)) {
                return known;
            }
        }
        throw invalid(path, "'durability' is \"fsync\" or \"os\"");
    }

    private static ResourceException invalid(Path path, String what) {
        return new ResourceException(ErrorCode.INVALID, "'" + path + "': " + what);
    }
}
