package org.millrace.host.operation;

/** Why an operation was refused or failed, in words for the operator that say what to do. */
public final class OperationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the thing, the value and the remedy
     */
    public OperationException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param message names the thing, the value and the remedy
     * @param cause what happened
     */
    public OperationException(String message, Throwable cause) {
        super(message, cause);
    }
}
