package org.millrace.host.table;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.millrace.content.AttributePath;
import org.millrace.content.Document;
import org.millrace.content.Value;
import org.millrace.query.Relationship;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.RecordStore;

/**
 * What is declared of a table.
 *
 * @param ttl how long its records live, unless their writer says otherwise; empty for ever
 * @param durability what its changes have survived when they are acknowledged, unless their writer says otherwise:
 *     {@link Durability#FSYNC} or {@link Durability#OS}
 * @param indexes which attributes queries find records by
 * @param schema what its records must fulfil; empty for nothing
 * @param relationships how its records lead to those of other tables, by name
 * @param history how long its changes are kept at least; empty for as long as all others are
 */
public record TableDefinition(
        Optional<Duration> ttl,
        Durability durability,
        Set<AttributePath> indexes,
        Optional<RecordSchema> schema,
        Map<String, Relationship> relationships,
        Optional<Duration> history) {
    private static final TableDefinition DEFAULTS = new TableDefinition(
            Optional.empty(), Durability.FSYNC, Set.of(), Optional.empty(), Map.of(), Optional.empty());
    /** Each costs every write of the table something. */
    private static final int MOST_INDEXES = 32;

    private static final int LONGEST_ATTRIBUTE = 500;

    private static final Pattern DURATION = Pattern.compile("(\\d{1,15})(ms|s|m|h|d)");
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final List<String> KEYS =
            List.of("ttl", "durability", "indexes", "schema", "relationships", "history");

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
        Optional<Duration> ttl = DEFAULTS.ttl;
        Durability durability = DEFAULTS.durability;
        Set<AttributePath> indexes = DEFAULTS.indexes;
        Optional<RecordSchema> schema = DEFAULTS.schema;
        Map<String, Relationship> relationships = DEFAULTS.relationships;
        Optional<Duration> history = DEFAULTS.history;
        for (Map.Entry<String, Value> member : members.entrySet()) {
            Value value = member.getValue();
            switch (member.getKey()) {
                case "ttl" -> ttl = Optional.of(duration(path, "ttl", value));
                case "durability" -> durability = durability(path, value);
                case "indexes" -> indexes = indexes(path, value);
                case "schema" -> schema = Optional.of(RecordSchema.of(path, content));
                case "relationships" -> relationships = RelationshipSyntax.read(path, value);
                case "history" -> history = Optional.of(duration(path, "history", value));
                default -> throw invalid(path, "unknown key '" + member.getKey() + "'; there are " + KEYS);
            }
        }
        return new TableDefinition(ttl, durability, indexes, schema, relationships, history);
    }

    private static Duration duration(Path path, String key, Value value) {
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
                "'" + key
                        + "' is a text such as \"500ms\", \"30s\", \"5m\", \"12h\" or \"30d\", more than 0 and at most "
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

    private static Set<AttributePath> indexes(Path path, Value value) {
        List<Value> items = value instanceof Value.Array(List<Value> given) ? given : List.of();
        Set<AttributePath> indexes = new LinkedHashSet<>();
        for (Value item : items) {
            String text = item instanceof Value.Text(String name) ? name : "";
            AttributePath attribute;
            try {
                attribute = AttributePath.parse(text);
            } catch (ResourceException e) {
                throw invalid(path, "'indexes' names attributes, such as [\"temp\", \"at.x\"]: " + e.getMessage());
            }
            if (text.equals("$id")) {
                throw invalid(path, "'indexes' cannot name $id: records are in its order anyway; leave it out");
            }
            if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_ATTRIBUTE) {
                throw invalid(path, "an attribute in 'indexes' has more than " + LONGEST_ATTRIBUTE + " bytes");
            }
            if (!indexes.add(attribute)) {
                throw invalid(path, "'indexes' names '" + text + "' twice");
            }
        }
        if (!(value instanceof Value.Array) || indexes.size() > MOST_INDEXES) {
            throw invalid(path, "'indexes' is a list of at most " + MOST_INDEXES + " attributes, such as [\"temp\"]");
        }
        int table = path.toString().substring(TableCatalog.PREFIX.length()).getBytes(StandardCharsets.UTF_8).length;
        if (!indexes.isEmpty() && table > RecordStore.LONGEST_INDEXED_TABLE) {
            throw invalid(
                    path,
                    "a table whose name has more than " + RecordStore.LONGEST_INDEXED_TABLE
                            + " bytes cannot have indexes");
        }
        return Collections.unmodifiableSet(indexes);
    }

    private static ResourceException invalid(Path path, String what) {
        return new ResourceException(ErrorCode.INVALID, "'" + path + "': " + what);
    }
}
