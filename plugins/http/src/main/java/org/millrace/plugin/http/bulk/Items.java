package org.millrace.plugin.http.bulk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.condition.EntityTag;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * Reads bodies that name several records. An item is an object of the very form in which collections are given:
 * {@code id} and {@code value}, or {@code id}, {@code type} and {@code base64}, which is {@code bytes} in the binary formats. Safe for use by any thread.
 */
public final class Items {
    private static final Set<String> ITEM =
            Collections.unmodifiableSet(new LinkedHashSet<>(List.of("id", "value", "type", "base64", "bytes", "etag")));
    private static final Set<String> OPERATION = Collections.unmodifiableSet(
            new LinkedHashSet<>(List.of("op", "path", "value", "type", "base64", "bytes", "ifMatch", "ifNoneMatch")));

    private final Contents contents;

    /**
     * Makes a reader.
     *
     * @param contents checks and makes contents
     */
    public Items(Contents contents) {
        this.contents = contents;
    }

    /**
     * Cuts a body into items.
     *
     * @param type {@code application/json} for one array, {@code application/x-ndjson} for one item a line; CBOR and
     *     MessagePack for one array
     * @param body the body
     * @return each item's JSON, not checked yet if it came by lines
     * @throws ProblemException 400 if it is no array, 415 for any other type
     */
    public List<byte[]> split(MediaType type, byte[] body) {
        if (type.name().equals("application/x-ndjson")) {
            return lines(body);
        }
        List<byte[]> elements = JsonSlices.elements(json(type, body));
        if (elements == null) {
            throw Problems.badRequest("the body must be an array of items").exception();
        }
        return elements;
    }

    /**
     * The JSON of a body that may be in another format.
     *
     * @param type JSON, CBOR or MessagePack
     * @param body the body
     * @return well-formed JSON, which need not be an array
     * @throws ProblemException 415 for any other type
     */
    public byte[] json(MediaType type, byte[] body) {
        Content whole = contents.of(type, body);
        if (!whole.canBe(MediaType.JSON)) {
            throw Problems.unsupportedMediaType("'" + type + "' cannot hold several records; send an array in"
                            + " application/json, application/cbor or application/msgpack, or application/x-ndjson")
                    .exception();
        }
        return whole.as(MediaType.JSON).toByteArray();
    }

    private static List<byte[]> lines(byte[] body) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= body.length; i++) {
            if (i == body.length || body[i] == '\n') {
                if (!new String(body, from, i - from, StandardCharsets.ISO_8859_1).isBlank()) {
                    lines.add(Arrays.copyOfRange(body, from, i));
                }
                from = i + 1;
            }
        }
        return lines;
    }

    /**
     * One content, as the item of a table that gives ids.
     *
     * @param item its JSON
     * @return the content
     */
    public Content content(byte[] item) {
        return contents.of(MediaType.JSON, item);
    }

    /**
     * An item of a table.
     *
     * @param table the table
     * @param item an object with {@code id}, {@code value} or {@code type} and {@code base64}, and perhaps {@code etag},
     *     which is not looked at
     * @return the write
     */
    public Write put(String table, byte[] item) {
        Map<String, byte[]> members = object(item);
        checkNames(members, ITEM);
        byte[] id = members.get("id");
        if (id == null) {
            throw Problems.badRequest("an item needs an 'id'").exception();
        }
        boolean own = new String(id, StandardCharsets.US_ASCII).equals("null");
        if (!own && !JsonSlices.isText(id)) {
            throw Problems.badRequest("an item's 'id' must be a string").exception();
        }
        Path path = own ? Path.of(table) : Path.of(table, JsonSlices.text(id));
        return new Write.Put(path, contentOf(members), WriteOptions.DEFAULT);
    }

    /**
     * An operation of a transaction.
     *
     * @param item an object with {@code op}, {@code path}, what is written as in {@link #put}, and perhaps
     *     {@code ifMatch} and {@code ifNoneMatch}
     * @return the write
     */
    public Write operation(byte[] item) {
        Map<String, byte[]> members = object(item);
        checkNames(members, OPERATION);
        Path path = Path.of(text(members, "path"));
        WriteOptions options = WriteOptions.DEFAULT.withPrecondition(precondition(members));
        String op = text(members, "op");
        return switch (op) {
            case "put" -> new Write.Put(path, contentOf(members), options);
            case "patch" -> new Write.Patch(path, contentOf(members), options);
            case "delete" -> new Write.Delete(path, options);
            case "publish" -> new Write.Publish(path, contentOf(members), options);
            default ->
                throw Problems.badRequest("the op '" + op + "' is not known; there are put, patch, delete and publish")
                        .exception();
        };
    }

    /** Refuses names that mean nothing, so that no condition is silently left out. */
    private static void checkNames(Map<String, byte[]> members, Set<String> known) {
        for (String name : members.keySet()) {
            if (!known.contains(name)) {
                throw Problems.badRequest("'" + name + "' means nothing here; there are " + String.join(", ", known))
                        .exception();
            }
        }
        boolean opaque = members.containsKey("type") || members.containsKey("base64") || members.containsKey("bytes");
        if (opaque && members.containsKey("value")) {
            throw Problems.badRequest("give 'value', or 'type' and 'base64', not both")
                    .exception();
        }
    }

    private static Precondition precondition(Map<String, byte[]> members) {
        boolean match = members.containsKey("ifMatch");
        boolean none = members.containsKey("ifNoneMatch");
        if (match && none) {
            throw Problems.badRequest("an operation has ifMatch or ifNoneMatch, not both")
                    .exception();
        }
        if (!match && !none) {
            return Precondition.NONE;
        }
        String tag = text(members, match ? "ifMatch" : "ifNoneMatch");
        if (tag.equals("*")) {
            return match ? Precondition.PRESENT : Precondition.ABSENT;
        }
        Version version = new EntityTag(false, tag.replace("\"", ""))
                .version()
                .orElseThrow(() -> Problems.badRequest("'" + tag + "' is no entity tag of this server")
                        .exception());
        return match ? Precondition.at(version) : new Precondition.NoneOf(List.of(version));
    }

    private Content contentOf(Map<String, byte[]> members) {
        byte[] value = members.get("value");
        if (value != null) {
            return contents.of(MediaType.JSON, value);
        }
        String name = members.containsKey("bytes") ? "bytes" : "base64";
        try {
            // Byte strings of CBOR come as Base64 for URLs, as RFC 8949 section 6.1 has it.
            String text = text(members, name).replace('-', '+').replace('_', '/');
            byte[] bytes = Base64.getDecoder().decode(text);
            return contents.of(MediaType.parse(text(members, "type")), bytes);
        } catch (IllegalArgumentException e) {
            throw Problems.badRequest("'" + name + "' is no Base64 (RFC 4648 section 4)")
                    .exception();
        }
    }

    /** Checked here, for lines of NDJSON are not JSON for certain. */
    private Map<String, byte[]> object(byte[] item) {
        Map<String, byte[]> members =
                JsonSlices.members(contents.of(MediaType.JSON, item).toByteArray());
        if (members == null) {
            throw Problems.badRequest("an item must be an object").exception();
        }
        return members;
    }

    private static String text(Map<String, byte[]> members, String name) {
        byte @Nullable [] value = members.get(name);
        if (value == null || !JsonSlices.isText(value)) {
            throw Problems.badRequest("an item needs '" + name + "', a string").exception();
        }
        return JsonSlices.text(value);
    }
}
