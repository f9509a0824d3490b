package org.millrace.examples.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.resource.Write;

/** MULTI, EXEC and DISCARD: commands that only write, as one transaction of the host, all or none. */
final class TransactionCommands {
    /** What ends a transaction, so is not part of it. */
    static boolean controls(String name) {
        return name.equals("EXEC") || name.equals("DISCARD") || name.equals("MULTI") || name.equals("QUIT");
    }

    void addTo(Map<String, CommandSpec> commands) {
        commands.put("MULTI", CommandSpec.of(0, 0, Mode.ALONE, (client, command) -> {
            client.transaction().begin();
            return CompletableFuture.completedStage(Reply.OK);
        }));
        commands.put("DISCARD", CommandSpec.of(0, 0, Mode.ALONE, (client, command) -> {
            client.transaction().end("DISCARD");
            return CompletableFuture.completedStage(Reply.OK);
        }));
        commands.put("EXEC", CommandSpec.of(0, 0, Mode.ALONE, TransactionCommands::execute));
        commands.put("WATCH", CommandSpec.of(1, CommandSpec.ANY, Mode.ALONE, (client, command) -> {
            throw new RedisException("ERR WATCH is not offered; SET with NX or XX, and INCR, are atomic");
        }));
    }

    private static CompletionStage<Reply> execute(RedisConnection client, Command command) {
        List<Plan> plans = client.transaction().end("EXEC");
        if (plans.isEmpty()) {
            return CompletableFuture.completedStage(new Reply.Items(List.of()));
        }
        List<Write> writes = new ArrayList<>();
        plans.forEach(plan -> writes.addAll(plan.writes()));
        return client.resources().transact(writes).thenApply(commits -> {
            List<Reply> replies = new ArrayList<>(plans.size());
            int from = 0;
            for (Plan plan : plans) {
                int to = from + plan.writes().size();
                replies.add(plan.reply().apply(commits.subList(from, to)));
                from = to;
            }
            return new Reply.Items(replies);
        });
    }
}
