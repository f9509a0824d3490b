package org.millrace.examples.redis;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Write;

/**
 * What a command that only writes is going to do, so that several can be one transaction.
 *
 * @param writes at least one
 * @param reply makes the answer from their commits, in the same order
 */
record Plan(List<Write> writes, Function<List<Commit>, Reply> reply) {
    CompletionStage<Reply> run(Resources resources) {
        return writes.size() == 1
                ? resources.write(writes.getFirst()).thenApply(commit -> reply.apply(List.of(commit)))
                : resources.transact(writes).thenApply(reply);
    }
}
