package org.millrace.host.control;

import java.io.IOException;

/** A host's answer that an operation was not done, with its reason for the operator. */
public final class OperationFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what the host said
     */
    public OperationFailedException(String message) {
        super(message);
    }
}
