package org.millrace.examples.redis;

import static org.millrace.examples.redis.CommandSpec.ANY;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** PUBLISH, SUBSCRIBE and their kin. */
final class ChannelCommands {
    /** Redis keeps no message for anybody: neither does this. */
    private static final WriteOptions FLEETING =
            WriteOptions.DEFAULT.withQos(Qos.AT_MOST_ONCE).withDurability(Durability.MEMORY);

    private final Keys keys;
    private final Contents contents;

    ChannelCommands(Keys keys, Contents contents) {
        this.keys = keys;
        this.contents = contents;
    }

    void addTo(Map<String, CommandSpec> commands) {
        commands.put("PUBLISH", new CommandSpec(2, 2, Mode.WRITE, this::publish, this::plan));
        commands.put("SUBSCRIBE", CommandSpec.of(1, ANY, Mode.ALONE, (client, c) -> follow(client, c, false)));
        commands.put("PSUBSCRIBE", CommandSpec.of(1, ANY, Mode.ALONE, (client, c) -> follow(client, c, true)));
        commands.put("UNSUBSCRIBE", CommandSpec.of(0, ANY, Mode.ALONE, (client, c) -> leave(client, c, false)));
        commands.put("PUNSUBSCRIBE", CommandSpec.of(0, ANY, Mode.ALONE, (client, c) -> leave(client, c, true)));
    }

    private CompletionStage<Reply> publish(RedisConnection client, Command command) {
        Path path = keys.path(command.bytes(0));
        long reached = client.resources().subscriberCount(path);
        return client.resources()
                .publish(path, contents.detect(command.bytes(1)), FLEETING)
                .thenApply(commit -> new Reply.Whole(reached));
    }

    private Plan plan(Command command) {
        Content content = contents.detect(command.bytes(1));
        // Inside a transaction the message is journaled with the writes beside it.
        Write write = new Write.Publish(keys.path(command.bytes(0)), content, WriteOptions.DEFAULT);
        return new Plan(List.of(write), commits -> new Reply.Whole(0));
    }

    private CompletionStage<Reply> follow(RedisConnection client, Command command, boolean pattern) {
        List<Reply> confirmations = new ArrayList<>(command.size());
        for (byte[] argument : command.arguments()) {
            String name = new String(argument, StandardCharsets.UTF_8);
            client.channels().follow(name, pattern);
            confirmations.add(confirmation(client, pattern ? "psubscribe" : "subscribe", name));
        }
        return each(client, confirmations);
    }

    private CompletionStage<Reply> leave(RedisConnection client, Command command, boolean pattern) {
        String kind = pattern ? "punsubscribe" : "unsubscribe";
        List<String> names = command.size() == 0
                ? client.channels().names(pattern)
                : command.arguments().stream()
                        .map(argument -> new String(argument, StandardCharsets.UTF_8))
                        .toList();
        List<Reply> confirmations = new ArrayList<>();
        for (String name : names) {
            client.channels().leave(name, pattern);
            confirmations.add(confirmation(client, kind, name));
        }
        if (names.isEmpty()) {
            confirmations.add(confirmation(client, kind, null));
        }
        return each(client, confirmations);
    }

    /** Each name is confirmed by a message of its own; the last one is the command's reply. */
    private static CompletionStage<Reply> each(RedisConnection client, List<Reply> confirmations) {
        confirmations.subList(0, confirmations.size() - 1).forEach(client::push);
        return CompletableFuture.completedStage(confirmations.getLast());
    }

    private static Reply confirmation(RedisConnection client, String kind, @Nullable String name) {
        return new Reply.Push(List.of(
                Reply.bulk(kind),
                name == null ? Reply.NIL : Reply.bulk(name),
                new Reply.Whole(client.channels().count())));
    }
}
