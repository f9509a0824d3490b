package org.millrace.examples.redis;

import static org.millrace.examples.redis.CommandSpec.ANY;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** DEL, EXISTS, TYPE, EXPIRE and its kin, SCAN: what works on keys whatever they hold. */
final class KeyCommands {
    private final Keys keys;
    private final Clock clock;

    KeyCommands(Keys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    void addTo(Map<String, CommandSpec> commands) {
        commands.put("DEL", CommandSpec.planned(1, ANY, this::delete));
        commands.put("UNLINK", CommandSpec.planned(1, ANY, this::delete));
        commands.put("EXISTS", CommandSpec.of(1, ANY, Mode.READ, this::exists));
        commands.put("TYPE", CommandSpec.of(1, 1, Mode.READ, this::type));
        commands.put("EXPIRE", CommandSpec.of(2, 2, Mode.ALONE, (client, c) -> expire(client, c, 1000)));
        commands.put("PEXPIRE", CommandSpec.of(2, 2, Mode.ALONE, (client, c) -> expire(client, c, 1)));
        commands.put("PERSIST", CommandSpec.of(1, 1, Mode.ALONE, this::persist));
        commands.put("TTL", CommandSpec.of(1, 1, Mode.READ, (client, c) -> timeToLive(client, c, 1000)));
        commands.put("PTTL", CommandSpec.of(1, 1, Mode.READ, (client, c) -> timeToLive(client, c, 1)));
        commands.put("SCAN", CommandSpec.of(1, 5, Mode.ALONE, this::scan));
    }

    private Plan delete(Command command) {
        List<Write> writes = new ArrayList<>(command.size());
        for (byte[] key : command.arguments()) {
            writes.add(new Write.Delete(keys.path(key), WriteOptions.DEFAULT));
        }
        return new Plan(
                writes,
                commits -> new Reply.Whole(commits.stream()
                        .map(Commit::effect)
                        .filter(Effect.DELETED::equals)
                        .count()));
    }

    private CompletionStage<Reply> exists(RedisConnection client, Command command) {
        CompletionStage<Long> count = CompletableFuture.completedStage(0L);
        for (byte[] key : command.arguments()) {
            count = count.thenCombine(
                    client.resources().get(keys.path(key)), (sum, entry) -> sum + (entry.isPresent() ? 1 : 0));
        }
        return count.thenApply(Reply.Whole::new);
    }

    private CompletionStage<Reply> type(RedisConnection client, Command command) {
        return client.resources()
                .get(keys.path(command.bytes(0)))
                .thenApply(
                        entry -> new Reply.Simple(entry.map(KeyCommands::type).orElse("none")));
    }

    private static String type(Entry entry) {
        boolean object = entry.content().isStructured()
                && entry.content().canBe(MediaType.JSON)
                && new String(Values.bytes(entry), StandardCharsets.UTF_8)
                        .stripLeading()
                        .startsWith("{");
        return object ? "hash" : "string";
    }

    private CompletionStage<Reply> expire(RedisConnection client, Command command, long unit) {
        long time = command.number(1);
        if (time <= 0) {
            return delete(new Command("DEL", command.arguments().subList(0, 1))).run(client.resources());
        }
        Instant expiresAt = Values.expiry(clock, Math.multiplyExact(time, unit), command.name());
        return setExpiry(client, command, entry -> expiresAt);
    }

    private CompletionStage<Reply> persist(RedisConnection client, Command command) {
        return setExpiry(
                client, command, entry -> entry.expiresAt().equals(WriteOptions.NEVER) ? null : WriteOptions.NEVER);
    }

    private CompletionStage<Reply> setExpiry(
            RedisConnection client, Command command, Function<Entry, @Nullable Instant> at) {
        return Values.update(client.resources(), keys.path(command.bytes(0)), entry -> {
            Instant expiresAt = entry.map(at).orElse(null);
            if (expiresAt == null) {
                return CompletableFuture.completedStage(Reply.flag(false));
            }
            Entry found = entry.get();
            WriteOptions options = WriteOptions.DEFAULT
                    .withPrecondition(Values.unchanged(entry))
                    .withProperties(found.properties())
                    .withExpiresAt(expiresAt);
            return client.resources()
                    .put(found.path(), found.content(), options)
                    .thenApply(commit -> Reply.flag(true));
        });
    }

    private CompletionStage<Reply> timeToLive(RedisConnection client, Command command, long unit) {
        return client.resources()
                .get(keys.path(command.bytes(0)))
                .thenApply(entry -> new Reply.Whole(left(entry, unit)));
    }

    /** -2 without a record, -1 without an expiry: Redis' TTL. */
    private long left(Optional<Entry> entry, long unit) {
        if (entry.isEmpty()) {
            return -2;
        }
        Instant at = entry.get().expiresAt();
        return at.equals(WriteOptions.NEVER) ? -1 : Math.max(0, (at.toEpochMilli() - clock.millis() + unit - 1) / unit);
    }

    private CompletionStage<Reply> scan(RedisConnection client, Command command) {
        String cursor = command.text(0);
        String pattern = "*";
        long count = 10;
        for (int i = 1; i < command.size(); i += 2) {
            if (i + 1 == command.size()) {
                throw new RedisException("ERR syntax error");
            }
            switch (command.option(i)) {
                case "MATCH" -> pattern = command.text(i + 1);
                case "COUNT" -> count = command.number(i + 1);
                default -> throw new RedisException("ERR syntax error");
            }
        }
        if (count < 1) {
            throw new RedisException("ERR syntax error");
        }
        return client.scans().next(cursor, new Glob(pattern), Math.min(count, 10_000), keys);
    }
}
