package org.millrace.host.resources;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * A post: a put under a new id, and under another if that should be taken. Its attempts follow each other; used by whoever
 * completes them.
 */
final class Posting {
    private static final int MOST_ATTEMPTS = 4;

    private final String table;
    private final Content content;
    private final WriteOptions options;
    private final Supplier<String> ids;
    private final Function<Write, CompletionStage<Commit>> writing;
    private final CompletableFuture<Commit> result = new CompletableFuture<>();
    private int attempts;

    /**
     * Makes a post that is not tried yet.
     *
     * @param ids gives a new id each time
     * @param writing checks a write and has it done; does not throw
     */
    Posting(
            String table,
            Content content,
            WriteOptions options,
            Supplier<String> ids,
            Function<Write, CompletionStage<Commit>> writing) {
        this.table = table;
        this.content = content;
        this.options = options.withPrecondition(Precondition.ABSENT);
        this.ids = ids;
        this.writing = writing;
    }

    CompletionStage<Commit> begin() {
        attempt();
        return result;
    }

    private void attempt() {
        attempts++;
        Write put = new Write.Put(Path.of(table, ids.get()), content, options);
        writing.apply(put).whenComplete((commit, failure) -> {
            if (failure == null) {
                result.complete(commit);
            } else {
                again(ResourceException.from(failure));
            }
        });
    }

    private void again(ResourceException reason) {
        if (reason.code() != ErrorCode.PRECONDITION_FAILED) {
            result.completeExceptionally(reason);
        } else if (attempts == MOST_ATTEMPTS) {
            result.completeExceptionally(new ResourceException(
                    ErrorCode.CONFLICT, "no free id was found in table '" + table + "'; try again"));
        } else {
            attempt();
        }
    }
}
