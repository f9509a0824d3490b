package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.spi.resource.ErrorCode;

/** The AsyncAPI document says what the plugin takes and sends. */
class AsyncApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode document() throws Exception {
        return JSON.readTree(Path.of("../../docs/websocket-asyncapi.json").toFile());
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @EnumSource(Op.class)
    void everyRequestIsDescribedWithItsFields(Op op) throws Exception {
        Set<String> fields = new TreeSet<>(op.fields());
        fields.addAll(List.of("op", "id"));

        JsonNode schema = document().at("/components/schemas").path(op.wireName());
        assertThat(names(schema.path("properties"))).isEqualTo(fields);
        assertThat(schema.at("/properties/op/const").asText()).isEqualTo(op.wireName());
    }

    @Test
    void everyErrorCodeIsNamed() throws Exception {
        List<String> codes = new ArrayList<>();
        document()
                .at("/components/schemas/error/properties/error/properties/code/enum")
                .forEach(code -> codes.add(code.asText()));

        assertThat(codes)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::id).toList());
    }

    @Test
    void everyMessageThatIsSentIsDescribed() throws Exception {
        JsonNode document = document();
        List<JsonNode> schemas = new ArrayList<>();
        for (JsonNode reference : document.at("/operations/sendMessage/messages")) {
            String name = reference.path("$ref").asText();
            schemas.add(document.at("/components/schemas" + name.substring(name.lastIndexOf('/'))));
        }
        List<String> sent = new ArrayList<>();
        try (Wire wire = new Wire(Map.of())) {
            wire.multiplex("millrace.json");
            Stream.of(
                            "{'id':1,'op':'put','path':'t/1','value':{},'expiresIn':1000,'properties':{'a':'b'}}",
                            "{'id':2,'op':'get','path':'t/1'}",
                            "{'id':3,'op':'subscribe','filter':'t/#'}",
                            "{'id':4,'op':'put','path':'t/2','type':'text/plain','data':'aGk='}",
                            "{'id':5,'op':'publish','path':'t/2','value':1}",
                            "{'id':6,'op':'delete','path':'t/2'}",
                            "{'id':7,'op':'transact','writes':[{'op':'delete','path':'t/3'}]}",
                            "{'id':8,'op':'post','table':'t','value':1}",
                            "{'id':9,'op':'query','table':'t'}",
                            "{'id':10,'op':'unsubscribe','sub':3}",
                            "{'id':11,'op':'ping'}",
                            "{'id':12,'op':'get','path':'t/none'}",
                            "{'id':13,'op':'fly'}")
                    .forEach(request -> sent.addAll(wire.ask(request.replace('\'', '"'))));
        }

        assertThat(sent).hasSizeGreaterThan(15).allSatisfy(message -> {
            JsonNode map = JSON.readTree(message);
            assertThat(schemas).as(message).anyMatch(schema -> fits(map, schema));
        });
    }

    /** As much of JSON Schema as the document uses. */
    private static boolean fits(JsonNode value, JsonNode schema) {
        if (schema.has("const") && !schema.path("const").equals(value)) {
            return false;
        }
        if (schema.has("enum") && !contains(schema.path("enum"), value)) {
            return false;
        }
        if (schema.has("oneOf")) {
            int matching = 0;
            for (JsonNode one : schema.path("oneOf")) {
                matching += fits(value, one) ? 1 : 0;
            }
            return matching == 1;
        }
        boolean typed = switch (schema.path("type").asText("any")) {
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "array" -> value.isArray();
            case "object" -> value.isObject();
            case "any" -> true;
            default -> throw new IllegalStateException("unknown type in " + schema);
        };
        if (!typed) {
            return false;
        }
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                return false;
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode known = schema.path("properties").path(field.getKey());
            if (known.isMissingNode()) {
                known = schema.path("additionalProperties");
                if (known.isBoolean() && !known.asBoolean()) {
                    return false;
                }
            }
            if (known.isObject() && !fits(field.getValue(), known)) {
                return false;
            }
        }
        return true;
    }

    private static boolean contains(JsonNode list, JsonNode value) {
        for (JsonNode one : list) {
            if (one.equals(value)) {
                return true;
            }
        }
        return false;
    }
}
