package org.millrace.examples.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client is answered, before it is written in the version of the protocol it speaks. */
sealed interface Reply {
    Reply OK = new Simple("OK");
    Reply NIL = new Bulk(null);

    /** A short text without line ends. */
    record Simple(String text) implements Reply {}

    /** A refusal; the text begins with a code in capitals. */
    record Failure(String text) implements Reply {}

    /** A number. */
    record Whole(long number) implements Reply {}

    /** Bytes, or null for nothing. */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    record Bulk(byte @Nullable [] bytes) implements Reply {}

    /** Several replies. */
    record Items(List<Reply> items) implements Reply {}

    /** Names and values in turn: a map where the protocol has one. */
    record Pairs(List<Reply> namesAndValues) implements Reply {}

    /** What the client did not ask for just now: a message of a channel. */
    record Push(List<Reply> items) implements Reply {}

    static Reply bulk(String text) {
        return new Bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    static Reply flag(boolean set) {
        return new Whole(set ? 1 : 0);
    }
}
