package org.millrace.plugin.amqp.mapping;

import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** What a message does to its path. */
public enum Operation {
    /** Sets the record. */
    PUT,
    /** Merges into the record. */
    PATCH,
    /** Removes the record. */
    DELETE,
    /** Makes a record with a new id. */
    POST,
    /** Tells subscribers, and leaves the record alone. */
    PUBLISH;

    /** The message annotation that asks for an operation. */
    public static final Symbol ANNOTATION = Symbol.valueOf("x-opt-millrace-op");

    /**
     * What a message asks for.
     *
     * @param annotations the message's
     * @param otherwise what its link asked for
     * @return the operation
     * @throws ResourceException {@link ErrorCode#INVALID} for an annotation that names none
     */
    static Operation of(@Nullable MessageAnnotations annotations, Operation otherwise) {
        Object asked = annotations == null || annotations.getValue() == null
                ? null
                : annotations.getValue().get(ANNOTATION);
        if (asked == null) {
            return otherwise;
        }
        return named(asked.toString(), "");
    }

    /**
     * An operation by its name.
     *
     * @param name in lower case
     * @param others what else may be asked for there, for the message of the failure
     * @return the operation
     * @throws ResourceException {@link ErrorCode#INVALID} if none has it
     */
    public static Operation named(String name, String others) {
        return switch (name) {
            case "put" -> PUT;
            case "patch" -> PATCH;
            case "delete" -> DELETE;
            case "post" -> POST;
            case "publish" -> PUBLISH;
            default ->
                throw new ResourceException(
                        ErrorCode.INVALID,
                        "there is no operation '" + name + "'; write one of " + others
                                + "put, patch, delete, post, publish");
        };
    }
}
