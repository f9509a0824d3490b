package org.millrace.store;

/** The store cannot be opened. The message names the directory, what is wrong with it and what to do. */
public final class StoreOpenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message for the operator
     */
    public StoreOpenException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param message for the operator
     * @param cause what failed
     */
    public StoreOpenException(String message, Throwable cause) {
        super(message, cause);
    }
}
