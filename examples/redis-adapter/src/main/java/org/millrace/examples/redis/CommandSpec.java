package org.millrace.examples.redis;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a command's name stands for.
 *
 * @param least the fewest arguments
 * @param most the most arguments
 * @param mode how it may overlap with others of the same client
 * @param action runs it
 * @param plan what it writes, for commands that can be part of a transaction
 */
record CommandSpec(
        int least,
        int most,
        Mode mode,
        Action action,
        @Nullable Function<Command, Plan> plan) {
    static final int ANY = Integer.MAX_VALUE;

    /** How commands of one client overlap. Their effects and replies are always in the order they were sent. */
    enum Mode {
        /** Waits for the writes before it. */
        READ,
        /** May be on its way together with other writes: the host orders them as they were submitted. */
        WRITE,
        /** Waits for all before it, and all behind it wait: it reads and then writes, or alters the connection. */
        ALONE
    }

    /** Runs a command on the client's event loop. */
    @FunctionalInterface
    interface Action {
        CompletionStage<Reply> run(RedisConnection client, Command command);
    }

    static CommandSpec planned(int least, int most, Function<Command, Plan> plan) {
        return new CommandSpec(
                least,
                most,
                Mode.WRITE,
                (client, command) -> plan.apply(command).run(client.resources()),
                plan);
    }

    static CommandSpec of(int least, int most, Mode mode, Action action) {
        return new CommandSpec(least, most, mode, action, null);
    }
}
