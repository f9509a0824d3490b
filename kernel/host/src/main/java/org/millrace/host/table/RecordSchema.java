package org.millrace.host.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
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
 * cannot refer to schemas elsewhere. Immutable, safe for use by any thread; nothing here blocks.
 */
public final class RecordSchema {
    private static final int SHOWN_ERRORS = 3;
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
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

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
            return new RecordSchema(node, schema);
        } catch (SchemaException e) {
            throw new ResourceException(
                    ErrorCode.INVALID, "'" + path + "': 'schema' cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Checks a record.
     *
     * @param path the record
     * @param content what it is to be
     * @throws ResourceException {@link ErrorCode#INVALID} naming the JSON pointer of what is wrong, and the rule
     */
    public void check(Path path, Content content) {
        if (!content.canBe(MediaType.JSON)) {
            throw invalid(
                    path,
                    "table '" + path.table() + "' has a schema, and a content of type " + content.mediaType()
                            + " cannot fulfil one; send JSON, CBOR or MessagePack");
        }
        List<Error> errors = schema.validate(read(content));
        if (!errors.isEmpty()) {
            throw invalid(
                    path, "the record does not fulfil the schema of table '" + path.table() + "': " + shown(errors));
        }
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
        String first = errors.stream()
                .limit(SHOWN_ERRORS)
                .map(error -> "at '" + error.getInstanceLocation() + "': " + error.getMessage() + " (rule '"
                        + error.getKeyword() + "')")
                .collect(Collectors.joining("; "));
        return errors.size() > SHOWN_ERRORS ? first + "; and " + (errors.size() - SHOWN_ERRORS) + " more" : first;
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
