package org.millrace.examples.redis;

import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/** Records as Redis sees them, and updates that read before they write. */
final class Values {
    private static final int ATTEMPTS = 100;

    private Values() {}

    /** The bytes of a value: those that were stored, or JSON where the record is in another structured format. */
    static byte[] bytes(Entry entry) {
        Content content = entry.content();
        return content.isStructured() && !content.mediaType().equals(MediaType.JSON)
                ? content.as(MediaType.JSON).toByteArray()
                : content.toByteArray();
    }

    static Reply reply(Optional<Entry> entry) {
        return entry.<Reply>map(found -> new Reply.Bulk(bytes(found))).orElse(Reply.NIL);
    }

    /** When something that lives so long from now ceases to be. */
    static Instant expiry(Clock clock, long millis, String command) {
        if (millis <= 0 || millis > Long.MAX_VALUE - clock.millis()) {
            throw new RedisException("ERR invalid expire time in '" + command.toLowerCase(Locale.ROOT) + "' command");
        }
        return Instant.ofEpochMilli(clock.millis() + millis);
    }

    static Precondition unchanged(Optional<Entry> entry) {
        return entry.map(found -> Precondition.at(found.version())).orElse(Precondition.ABSENT);
    }

    /** Reads a record and does something about it, anew whenever another client was faster. */
    static CompletionStage<Reply> update(
            Resources resources, Path path, Function<Optional<Entry>, CompletionStage<Reply>> step) {
        return update(resources, path, step, ATTEMPTS);
    }

    private static CompletionStage<Reply> update(
            Resources resources, Path path, Function<Optional<Entry>, CompletionStage<Reply>> step, int attempts) {
        return resources
                .get(path)
                .thenCompose(step)
                .handle((reply, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.<Reply>completedStage(reply);
                    }
                    boolean outrun = lostRace(failure);
                    return outrun && attempts > 1
                            ? update(resources, path, step, attempts - 1)
                            : CompletableFuture.<Reply>failedStage(failure);
                })
                .thenCompose(Function.identity());
    }

    /** Whether a write failed because the record was not as its precondition asks. */
    static boolean lostRace(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ResourceException refusal && refusal.code() == ErrorCode.PRECONDITION_FAILED;
    }
}
