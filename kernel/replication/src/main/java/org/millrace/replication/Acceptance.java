package org.millrace.replication;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a stream takes what it is sent, though the connection stands: one whose servers have lost their majority, or
 * whose limits an operator has narrowed, takes nothing. A change of its leader, which takes some seconds, is not told.
 *
 * <p>The sender's thread tells it what comes of messages; any thread may ask.
 */
final class Acceptance {
    private static final Logger log = LoggerFactory.getLogger(Acceptance.class);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final String stream;
    private final LongSupplier nanos;
    private volatile @Nullable Refused refused;
    private boolean logged;

    /**
     * Since when nothing was taken.
     *
     * @param sinceNanos when the first message failed
     * @param reason what was said of the last
     */
    private record Refused(long sinceNanos, String reason) {}

    /**
     * Begins with a stream that takes everything.
     *
     * @param stream its name, for the operator
     * @param nanos a clock such as {@link System#nanoTime()}
     */
    Acceptance(String stream, LongSupplier nanos) {
        this.stream = stream;
        this.nanos = nanos;
    }

    /** A message was taken. */
    void taken() {
        refused = null;
        if (logged) {
            logged = false;
            log.info("The stream {} takes changes again", stream);
        }
    }

    /** It is not known that a message was taken. */
    void failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        Refused before = refused;
        refused = new Refused(before == null ? nanos.getAsLong() : before.sinceNanos, reason);
        Optional<String> told = inWords();
        if (told.isPresent() && !logged) {
            logged = true;
            log.warn("{}", told.get());
        }
    }

    /** What an operator should know, if the stream has taken nothing for a while. */
    Optional<String> inWords() {
        Refused now = refused;
        if (now == null || nanos.getAsLong() - now.sinceNanos < GRACE.toNanos()) {
            return Optional.empty();
        }
        return Optional.of("the stream " + stream + " takes no changes (" + now.reason
                + "); they wait in the journal. Look at its NATS servers: a majority of those with a copy must be up,"
                + " with space on their disks, and its limits must be those that cluster.keep-size and"
                + " cluster.keep-age give it");
    }
}
