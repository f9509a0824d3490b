package org.millrace.examples.redis;

import static org.millrace.examples.redis.CommandSpec.ANY;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;

/**
 * HGET, HSET and their kin: the attributes of a record that is a JSON object, or another structured format's. What HSET
 * sets is a string, as all of Redis' values are; HGET shows strings as they are and everything else as JSON.
 */
final class HashCommands {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Keys keys;
    private final Contents contents;

    HashCommands(Keys keys, Contents contents) {
        this.keys = keys;
        this.contents = contents;
    }

    void addTo(Map<String, CommandSpec> commands) {
        commands.put("HSET", CommandSpec.of(3, ANY, Mode.ALONE, this::set));
        commands.put("HDEL", CommandSpec.of(2, ANY, Mode.ALONE, this::delete));
        commands.put(
                "HGET",
                CommandSpec.of(2, 2, Mode.READ, (client, c) -> read(client, c, object -> value(object, c.text(1)))));
        commands.put(
                "HMGET",
                CommandSpec.of(2, ANY, Mode.READ, (client, c) -> read(client, c, object -> several(object, c))));
        commands.put("HGETALL", CommandSpec.of(1, 1, Mode.READ, (client, c) -> read(client, c, HashCommands::all)));
        commands.put(
                "HLEN",
                CommandSpec.of(1, 1, Mode.READ, (client, c) -> read(client, c, o -> new Reply.Whole(o.size()))));
        commands.put(
                "HEXISTS",
                CommandSpec.of(2, 2, Mode.READ, (client, c) -> read(client, c, o -> Reply.flag(o.has(c.text(1))))));
    }

    private CompletionStage<Reply> set(RedisConnection client, Command command) {
        if (command.size() % 2 == 0) {
            throw new RedisException("ERR wrong number of arguments for 'hset' command");
        }
        ObjectNode patch = JSON.createObjectNode();
        for (int i = 1; i < command.size(); i += 2) {
            patch.put(command.text(i), command.text(i + 1));
        }
        return merge(client, command, patch, false);
    }

    private CompletionStage<Reply> delete(RedisConnection client, Command command) {
        ObjectNode patch = JSON.createObjectNode();
        for (int i = 1; i < command.size(); i++) {
            patch.putNull(command.text(i));
        }
        return merge(client, command, patch, true);
    }

    /** Answers how many attributes came, or went. */
    private CompletionStage<Reply> merge(RedisConnection client, Command command, ObjectNode patch, boolean removing) {
        Path path = keys.path(command.bytes(0));
        return Values.update(client.resources(), path, entry -> {
            ObjectNode before = object(entry);
            long count = 0;
            for (var names = patch.fieldNames(); names.hasNext(); ) {
                if (before.has(names.next()) == removing) {
                    count++;
                }
            }
            Reply reply = new Reply.Whole(count);
            if (removing && count == 0) {
                return CompletableFuture.completedStage(reply);
            }
            WriteOptions options = WriteOptions.DEFAULT
                    .withPrecondition(Values.unchanged(entry))
                    .withExpiresAt(entry.map(Entry::expiresAt).orElse(WriteOptions.NEVER));
            return client.resources().patch(path, content(patch), options).thenApply(commit -> reply);
        });
    }

    private CompletionStage<Reply> read(RedisConnection client, Command command, Function<ObjectNode, Reply> reply) {
        return client.resources().get(keys.path(command.bytes(0))).thenApply(entry -> reply.apply(object(entry)));
    }

    private static Reply several(ObjectNode object, Command command) {
        List<Reply> values = new ArrayList<>(command.size() - 1);
        for (int i = 1; i < command.size(); i++) {
            values.add(value(object, command.text(i)));
        }
        return new Reply.Items(values);
    }

    private static Reply all(ObjectNode object) {
        List<Reply> pairs = new ArrayList<>(object.size() * 2);
        object.properties().forEach(attribute -> {
            pairs.add(Reply.bulk(attribute.getKey()));
            pairs.add(value(object, attribute.getKey()));
        });
        return new Reply.Pairs(pairs);
    }

    private static Reply value(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        return value == null ? Reply.NIL : Reply.bulk(value.isTextual() ? value.textValue() : value.toString());
    }

    private static ObjectNode object(Optional<Entry> entry) {
        if (entry.isEmpty()) {
            return JSON.createObjectNode();
        }
        try {
            if (entry.get().content().isStructured()
                    && JSON.readTree(Values.bytes(entry.get())) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new IllegalStateException("the host's JSON of " + entry.get().path() + " is none", e);
        }
        throw new RedisException("WRONGTYPE Operation against a key holding the wrong kind of value");
    }

    private Content content(ObjectNode object) {
        try {
            return contents.of(MediaType.JSON, JSON.writeValueAsBytes(object));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings has no JSON", e);
        }
    }
}
