package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.JsonSlices;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.JsonText;
import org.millrace.plugin.http.uri.UrlPath;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.Row;

/**
 * The OpenAPI 3.1 description of the declared tables, as the client may see them: one collection and one record path for
 * each, with the table's JSON Schema where it has one. Made anew for each reading.
 */
final class OpenApi implements Flow.Subscriber<Row> {
    /** Where it is. */
    static final String PATH = "$sys/openapi.json";

    private static final String TABLES = "tables/";
    private static final String PROBLEM = "{\"description\":\"A refusal\",\"content\":{\"application/problem+json\":"
            + "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}";
    private static final String ID =
            "{\"name\":\"id\",\"in\":\"path\",\"required\":true," + "\"schema\":{\"type\":\"string\"}}";

    private static final String PAGES =
            "[{\"name\":\"$limit\",\"in\":\"query\",\"description\":\"Records of a page; Link"
                    + " leads to the next\",\"schema\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":10000}},"
                    + "{\"name\":\"$after\",\"in\":\"query\",\"description\":\"The id behind which the page begins\","
                    + "\"schema\":{\"type\":\"string\"}}]";
    private static final String OTHER_ROWS = ",\"application/x-ndjson\":{},\"application/cbor\":{},"
            + "\"application/cbor-seq\":{},\"application/msgpack\":{},\"text/csv\":{}}";

    private final Exchange exchange;
    private final Map<String, String> tables = new TreeMap<>();

    private OpenApi(Exchange exchange) {
        this.exchange = exchange;
    }

    static void answer(Exchange exchange) {
        exchange.resources().query(Query.all("$sys"), new OpenApi(exchange));
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Row row) {
        String id = row.path().id();
        if (id.startsWith(TABLES) && row.content().canBe(MediaType.JSON)) {
            Map<String, byte[]> definition =
                    JsonSlices.members(row.content().as(MediaType.JSON).toByteArray());
            byte @Nullable [] schema = definition == null ? null : definition.get("schema");
            tables.put(
                    id.substring(TABLES.length()),
                    schema == null ? "true" : new String(schema, StandardCharsets.UTF_8));
        }
    }

    @Override
    public void onError(Throwable failure) {
        exchange.fail(failure);
    }

    @Override
    public void onComplete() {
        StringBuilder json = new StringBuilder(4096);
        Map<String, String> components = new TreeMap<>();
        tables.keySet().forEach(table -> components.put(table, component(table, components.values())));
        json.append("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Millrace\",\"version\":\"0.1\",\"description\":"
                + "\"The declared tables. Tables without a declaration are used alike.\"},\"paths\":{");
        String separator = "";
        for (Map.Entry<String, String> each : components.entrySet()) {
            json.append(separator);
            separator = ",\n";
            String base = UrlPath.encode(Path.of(each.getKey())) + "/";
            JsonText.quote(json, base);
            collection(json.append(":"), each.getValue());
            JsonText.quote(json.append(",\n"), base + "{id}");
            record(json.append(":"), each.getValue());
        }
        json.append("},\n\"components\":{\"schemas\":{\"Problem\":{\"type\":\"object\",\"properties\":{"
                + "\"type\":{\"type\":\"string\",\"format\":\"uri\"},\"title\":{\"type\":\"string\"},"
                + "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
                + "\"instance\":{\"type\":\"string\"}}}");
        tables.forEach((table, schema) -> {
            JsonText.quote(json.append(",\n"), String.valueOf(components.get(table)));
            json.append(':').append(identified(schema, table));
        });
        json.append("},\"securitySchemes\":{\"basic\":{\"type\":\"http\",\"scheme\":\"basic\"},"
                + "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}},"
                + "\"security\":[{},{\"basic\":[]},{\"bearer\":[]}]}\n");
        exchange.send(new Answer(200)
                .field("Cache-Control", "no-cache")
                .body("application/json", ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8))));
    }

    /** OpenAPI allows letters, digits, dots, hyphens and underscores in the names of components, and each once. */
    private static String component(String table, Collection<String> taken) {
        String plain = "table." + table.replaceAll("[^A-Za-z0-9._-]", "_");
        String name = plain;
        for (int i = 2; taken.contains(name); i++) {
            name = plain + "-" + i;
        }
        return name;
    }

    /**
     * A schema that keeps its meaning inside this document: with an id of its own, its references to itself, such as
     * {@code #/$defs/x}, lead to itself (JSON Schema section 8.2.1).
     */
    private static String identified(String schema, String table) {
        String text = schema.strip();
        Map<String, byte[]> members = JsonSlices.members(text.getBytes(StandardCharsets.UTF_8));
        if (members == null || members.containsKey("$id") || !text.contains("$ref")) {
            return text;
        }
        return "{\"$id\":\"urn:millrace:table:" + UrlPath.encode(Path.of(table)).substring(1) + "\""
                + (members.isEmpty() ? "" : ",") + text.substring(1);
    }

    private static String schema(String component) {
        return "{\"$ref\":\"#/components/schemas/" + component + "\"}";
    }

    private static void collection(StringBuilder json, String component) {
        String row = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":[\"string\",\"null\"]},\"etag\":{\"type\":"
                + "\"string\"},\"value\":" + schema(component) + "}}";
        String rows = "{\"application/json\":{\"schema\":{\"type\":\"array\",\"items\":" + row + "}}}";
        json.append("{\"get\":{\"summary\":\"Lists or queries the table\",\"description\":\"Conditions, select(),"
                        + " sort() and the like stand in the query as they are.\",\"parameters\":")
                .append(PAGES)
                .append(",\"responses\":{\"200\":{\"description\":\"The records\",\"content\":")
                .append(rows, 0, rows.length() - 1)
                .append(OTHER_ROWS)
                .append("},\"default\":")
                .append(PROBLEM)
                .append("}},\"post\":{\"summary\":\"Makes a record with a new id\",\"requestBody\":")
                .append(body(component))
                .append(",\"responses\":{\"201\":{\"description\":\"Made; Location names it\"},\"default\":")
                .append(PROBLEM)
                .append("}},\"put\":{\"summary\":\"Sets many records\",\"requestBody\":{\"content\":")
                .append(rows)
                .append("},\"responses\":{\"200\":{\"description\":\"A result for each\"},\"default\":")
                .append(PROBLEM)
                .append("}},\"delete\":{\"summary\":\"Deletes the records a query finds\",\"responses\":{\"200\":"
                        + "{\"description\":\"How many\"},\"default\":")
                .append(PROBLEM)
                .append("}}}");
    }

    private static void record(StringBuilder json, String component) {
        String done = "{\"204\":{\"description\":\"Done\"},\"default\":" + PROBLEM + "}";
        String made = "{\"201\":{\"description\":\"Made\"}," + done.substring(1);
        json.append("{\"parameters\":[")
                .append(ID)
                .append("],\"get\":{\"summary\":\"Reads the record\",\"responses\":{\"200\":{\"description\":\"The"
                        + " record\",\"content\":{\"application/json\":{\"schema\":")
                .append(schema(component))
                .append("}}},\"default\":")
                .append(PROBLEM)
                .append("}},\"put\":{\"summary\":\"Sets the record\",\"requestBody\":")
                .append(body(component))
                .append(",\"responses\":")
                .append(made)
                .append("},\"patch\":{\"summary\":\"Merges into the record\",\"requestBody\":{\"content\":{"
                        + "\"application/merge-patch+json\":{},\"application/json-patch+json\":{}}},\"responses\":")
                .append(made)
                .append("},\"delete\":{\"summary\":\"Removes the record\",\"responses\":")
                .append(done)
                .append("},\"post\":{\"summary\":\"Sends an event\",\"requestBody\":{\"content\":{\"*/*\":{}}},"
                        + "\"responses\":")
                .append(done)
                .append("}}");
    }

    private static String body(String component) {
        return "{\"content\":{\"application/json\":{\"schema\":" + schema(component) + "}}}";
    }
}
