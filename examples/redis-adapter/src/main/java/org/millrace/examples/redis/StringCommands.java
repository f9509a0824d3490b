package org.millrace.examples.redis;

import static org.millrace.examples.redis.CommandSpec.ANY;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.content.Contents;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** GET, SET, INCR and their kin: the record as a string of bytes. */
final class StringCommands {
    private final Keys keys;
    private final Contents contents;
    private final Clock clock;
    private final Counters counters;

    StringCommands(Keys keys, Contents contents, Clock clock) {
        this.keys = keys;
        this.contents = contents;
        this.clock = clock;
        this.counters = new Counters(contents);
    }

    void addTo(Map<String, CommandSpec> commands) {
        commands.put("GET", CommandSpec.of(1, 1, Mode.READ, this::get));
        commands.put("MGET", CommandSpec.of(1, ANY, Mode.READ, this::getSeveral));
        commands.put("STRLEN", CommandSpec.of(1, 1, Mode.READ, this::length));
        commands.put("SET", new CommandSpec(2, 6, Mode.WRITE, this::set, this::planSet));
        commands.put("SETNX", CommandSpec.of(2, 2, Mode.WRITE, this::setIfAbsent));
        commands.put("SETEX", CommandSpec.planned(3, 3, command -> planTimed(command, 1000)));
        commands.put("PSETEX", CommandSpec.planned(3, 3, command -> planTimed(command, 1)));
        commands.put("MSET", CommandSpec.planned(2, ANY, this::planSetSeveral));
        commands.put("INCR", CommandSpec.of(1, 1, Mode.ALONE, (client, c) -> add(client, c, 1)));
        commands.put("DECR", CommandSpec.of(1, 1, Mode.ALONE, (client, c) -> add(client, c, -1)));
        commands.put("INCRBY", CommandSpec.of(2, 2, Mode.ALONE, (client, c) -> add(client, c, c.number(1))));
        commands.put("DECRBY", CommandSpec.of(2, 2, Mode.ALONE, (client, c) -> add(client, c, -c.number(1))));
    }

    private CompletionStage<Reply> get(RedisConnection client, Command command) {
        return client.resources().get(keys.path(command.bytes(0))).thenApply(Values::reply);
    }

    private CompletionStage<Reply> getSeveral(RedisConnection client, Command command) {
        CompletionStage<List<Reply>> all = CompletableFuture.completedStage(new ArrayList<>(command.size()));
        for (byte[] key : command.arguments()) {
            all = all.thenCombine(client.resources().get(keys.path(key)), (replies, entry) -> {
                replies.add(Values.reply(entry));
                return replies;
            });
        }
        return all.thenApply(Reply.Items::new);
    }

    private CompletionStage<Reply> length(RedisConnection client, Command command) {
        return client.resources()
                .get(keys.path(command.bytes(0)))
                .thenApply(entry -> new Reply.Whole(
                        entry.map(found -> Values.bytes(found).length).orElse(0)));
    }

    private CompletionStage<Reply> set(RedisConnection client, Command command) {
        Write.Put put = put(command);
        CompletionStage<Reply> done = client.resources().write(put).thenApply(commit -> Reply.OK);
        return put.options().precondition().equals(Precondition.NONE) ? done : orElse(done, Reply.NIL);
    }

    private CompletionStage<Reply> setIfAbsent(RedisConnection client, Command command) {
        WriteOptions options = WriteOptions.DEFAULT.withPrecondition(Precondition.ABSENT);
        return orElse(
                client.resources()
                        .put(keys.path(command.bytes(0)), contents.detect(command.bytes(1)), options)
                        .thenApply(commit -> Reply.flag(true)),
                Reply.flag(false));
    }

    /** The reply for a write whose precondition did not hold. */
    private static CompletionStage<Reply> orElse(CompletionStage<Reply> done, Reply otherwise) {
        return done.exceptionallyCompose(failure -> Values.lostRace(failure)
                ? CompletableFuture.completedStage(otherwise)
                : CompletableFuture.failedStage(failure));
    }

    private Plan planSet(Command command) {
        Write.Put put = put(command);
        if (!put.options().precondition().equals(Precondition.NONE)) {
            throw new RedisException("ERR SET with NX or XX is not offered inside MULTI");
        }
        return new Plan(List.of(put), commits -> Reply.OK);
    }

    private Write.Put put(Command command) {
        Precondition precondition = Precondition.NONE;
        Instant expiresAt = WriteOptions.NEVER;
        for (int i = 2; i < command.size(); i++) {
            String option = command.option(i);
            switch (option) {
                case "NX", "XX" -> {
                    if (!precondition.equals(Precondition.NONE)) {
                        throw new RedisException("ERR syntax error");
                    }
                    precondition = option.equals("NX") ? Precondition.ABSENT : Precondition.PRESENT;
                }
                case "EX", "PX" -> {
                    if (++i == command.size() || !expiresAt.equals(WriteOptions.NEVER)) {
                        throw new RedisException("ERR syntax error");
                    }
                    expiresAt = expiry(command, i, option.equals("EX") ? 1000 : 1);
                }
                default -> throw new RedisException("ERR syntax error: SET takes NX, XX, EX and PX, not " + option);
            }
        }
        WriteOptions options =
                WriteOptions.DEFAULT.withPrecondition(precondition).withExpiresAt(expiresAt);
        return put(command.bytes(0), command.bytes(1), options);
    }

    private Plan planTimed(Command command, long unit) {
        WriteOptions options = WriteOptions.DEFAULT.withExpiresAt(expiry(command, 1, unit));
        return new Plan(List.of(put(command.bytes(0), command.bytes(2), options)), commits -> Reply.OK);
    }

    private Plan planSetSeveral(Command command) {
        if (command.size() % 2 != 0) {
            throw new RedisException("ERR wrong number of arguments for 'mset' command");
        }
        List<Write> writes = new ArrayList<>(command.size() / 2);
        for (int i = 0; i < command.size(); i += 2) {
            writes.add(put(command.bytes(i), command.bytes(i + 1), WriteOptions.DEFAULT));
        }
        return new Plan(writes, commits -> Reply.OK);
    }

    private Write.Put put(byte[] key, byte[] value, WriteOptions options) {
        return new Write.Put(keys.path(key), contents.detect(value), options);
    }

    private Instant expiry(Command command, int argument, long unit) {
        long time = command.number(argument);
        return Values.expiry(clock, time > Long.MAX_VALUE / unit ? -1 : time * unit, command.name());
    }

    private CompletionStage<Reply> add(RedisConnection client, Command command, long amount) {
        Path path = keys.path(command.bytes(0));
        return counters.add(client.resources(), path, amount).thenApply(Reply.Whole::new);
    }

    /** The number a value stands for. */
    static long number(byte[] bytes) {
        return Command.number(new String(bytes, StandardCharsets.UTF_8));
    }
}
