package org.millrace.plugin.websocket;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.millrace.plugin.websocket.envelope.Envelope;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** What a client of the multiplexed protocol can ask for, and with which fields beside {@code op} and {@code id}. */
enum Op {
    /** Reads a record. */
    GET("path"),
    /** Sets a record. */
    PUT("path", Content.FIELDS, Options.FIELDS),
    /** Merges into a record. */
    PATCH("path", Content.FIELDS, Options.FIELDS),
    /** Removes a record. */
    DELETE("path", "ifMatch", "ifNoneMatch", "durability"),
    /** Creates a record with a new id. */
    POST("table", Content.FIELDS, "expiresIn", "properties", "durability"),
    /** Sends an event. */
    PUBLISH("path", Content.FIELDS, Options.FIELDS),
    /** Does several writes as one. */
    TRANSACT("writes"),
    /** Asks a table. */
    QUERY("table", "query", "after", "limit", "demand"),
    /** Follows changes. */
    SUBSCRIBE("filter", "query", "start", "after", "policy", "demand"),
    /** Ends a subscription or a query. */
    UNSUBSCRIBE("sub"),
    /** Asks for more of a subscription or a query that waits to be asked. */
    REQUEST("sub", "n"),
    /** Says who the client is. */
    AUTHENTICATE("token", "user", "password"),
    /** Asks for an answer. */
    PING();

    private static final class Content {
        static final String FIELDS = "value,type,data";
    }

    private static final class Options {
        static final String FIELDS = "ifMatch,ifNoneMatch,expiresIn,properties,durability";
    }

    private final Set<String> fields;

    Op(String... fields) {
        this.fields = Arrays.stream(fields)
                .flatMap(list -> Arrays.stream(list.split(",")))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** How it is called in a message. */
    String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The fields it takes. */
    Set<String> fields() {
        return fields;
    }

    /** Whether it can be one of a transaction's writes. */
    boolean isWrite() {
        return this == PUT || this == PATCH || this == DELETE || this == PUBLISH;
    }

    /**
     * What a message asks for.
     *
     * @throws ResourceException {@link ErrorCode#INVALID} for an op that is not known, or a field that it does not take
     */
    static Op of(Envelope message) {
        String name = message.needText("op");
        Optional<Op> found =
                Arrays.stream(values()).filter(op -> op.wireName().equals(name)).findFirst();
        Op op = found.orElseThrow(() -> new ResourceException(
                ErrorCode.UNSUPPORTED,
                "there is no op of this name; there are "
                        + Arrays.stream(values()).map(Op::wireName).collect(Collectors.joining(", "))));
        Set<String> unknown = new TreeSet<>(message.names());
        unknown.removeAll(op.fields);
        unknown.remove("op");
        unknown.remove("id");
        if (!unknown.isEmpty()) {
            String first = unknown.iterator().next();
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "op " + name + " takes no field '" + first.substring(0, Math.min(first.length(), 40))
                            + "'; it takes id, " + String.join(", ", new TreeSet<>(op.fields)));
        }
        return op;
    }
}
