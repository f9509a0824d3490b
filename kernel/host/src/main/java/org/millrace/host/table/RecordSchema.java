package org.millrace.host.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * A JSON Schema that the records of a table must fulfil, of draft 2020-12 unless its {@code $schema} says otherwise. It
 * cannot refer to schemas elsewhere. Immutable, safe for use by any thread; nothing here blocks, and no pattern takes
 * longer than {@link BoundedPattern} allows.
 */
public final class RecordSchema {
    private static final int SHOWN_ERRORS = 3;
    private static final String ENDLESS = "refers to itself without end; let each circle of '$ref' lead into a part of"
            + " the record, such as 'properties' or 'items'";
    private static final String DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema";
    // What comes here was checked against the host's own limits.
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNestingDepth(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(SchemaRegistryConfig.builder()
                    .regularExpressionFactory(BoundedPattern::new)
                    .build()));
    /** One value of each type, which every schema can be held against. */
    private static final List<JsonNode> PROBES = List.of(
            NullNode.getInstance(),
            BooleanNode.TRUE,
            IntNode.valueOf(0),
            TextNode.valueOf(""),
            JsonNodeFactory.instance.arrayNode(),
            JsonNodeFactory.instance.objectNode());

    private final JsonNode source;
    private final Schema schema;

    private RecordSchema(JsonNode source, Schema schema) {
        this.source = source;
        this.schema = schema;
    }

    /**
     * Reads the schema of a definition.
     *
     * @param path where it is written, for messages
     * @param definition has the schema under {@code schema}
     * @return the schema
     * @throws ResourceException {@link ErrorCode#INVALID} naming what is wrong with it
     */
    static RecordSchema of(Path path, Content definition) {
        JsonNode node = read(definition).path("schema");
        try {
            String dialect = node.path("$schema").asText(DEFAULT_DIALECT);
            List<Error> errors = REGISTRY.getSchema(SchemaLocation.of(dialect)).validate(node);
            if (!errors.isEmpty()) {
                throw invalid(path, "'schema' is no valid JSON Schema: " + shown(errors));
            }
            Schema schema = REGISTRY.getSchema(node);
            schema.initializeValidators();
            for (JsonNode probe : PROBES) {
                // What it says of the values does not matter; that it comes to an end does.
                List<Error> _ = schema.validate(probe);
            }
            return new RecordSchema(node, schema);
        } catch (SchemaException e) {
            throw new ResourceException(ErrorCode.INVALID, "'" + path + "': 'schema' cannot be used: " + reason(e), e);
        } catch (StackOverflowError e) {
            throw new ResourceException(ErrorCode.INVALID, "'" + path + "': 'schema' " + ENDLESS, e);
        }
    }

    /**
     * Checks a record.
     *
     * @param path the record
     * @param content what it is to be
     * @throws ResourceException {@link ErrorCode#INVALID} naming the JSON pointer of what is wrong, and the rule;
     *     {@link ErrorCode#TOO_LARGE} if a pattern gives up on a text
     */
    public void check(Path path, Content content) {
        if (!content.canBe(MediaType.JSON)) {
            throw invalid(
                    path,
                    "table '" + path.table() + "' has a schema, and a content of type " + content.mediaType()
                            + " cannot fulfil one; send JSON, CBOR or MessagePack");
        }
        List<Error> errors = errors(path, read(content));
        if (!errors.isEmpty()) {
            throw invalid(
                    path, "the record does not fulfil the schema of table '" + path.table() + "': " + shown(errors));
        }
    }

    private List<Error> errors(Path path, JsonNode record) {
        try {
            return schema.validate(record);
        } catch (SchemaException e) {
            throw new ResourceException(ErrorCode.INVALID, cannot(path) + "cannot be used: " + reason(e), e);
        } catch (StackOverflowError e) {
            // Neither the writer nor an event loop may end of it. The schema keeps nothing between two checks.
            throw new ResourceException(ErrorCode.INVALID, cannot(path) + ENDLESS, e);
        }
    }

    private static String cannot(Path path) {
        return "'" + path + "': the record cannot be checked, since the schema of table '" + path.table() + "' ";
    }

    private static String reason(SchemaException e) {
        return e.getCause() instanceof FileNotFoundException missing
                ? "it refers to '" + missing.getMessage() + "', and schemas elsewhere are not read; copy what is needed"
                        + " to its own '$defs'"
                : String.valueOf(e.getMessage());
    }

    private static JsonNode read(Content content) {
        try {
            return MAPPER.readTree(content.as(MediaType.JSON).toByteArray());
        } catch (JsonProcessingException e) {
            throw new ResourceException(ErrorCode.INVALID, "the content cannot be read: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("reading an array cannot fail", e);
        }
    }

    private static String shown(List<Error> errors) {
        List<String> all = errors.stream()
                .map(error -> "at '" + error.getInstanceLocation() + "': " + error.getMessage() + " (rule '"
                        + error.getKeyword() + "')")
                .distinct()
                .toList();
        String first = all.stream().limit(SHOWN_ERRORS).collect(Collectors.joining("; "));
        return all.size() > SHOWN_ERRORS ? first + "; and " + (all.size() - SHOWN_ERRORS) + " more" : first;
    }

    private static ResourceException invalid(Path path, String what) {
        return new ResourceException(ErrorCode.INVALID, "'" + path + "': " + what);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordSchema that && source.equals(that.source);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    @Override
    public String toString() {
        return "a schema";
    }
}
