package org.millrace.store.kv;

/** A failure of the map on disk. Says whether it may pass. */
public final class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What failed. */
    public enum Kind {
        /** The disk or a quota is full; the transaction was undone and may be tried again. */
        DISK_FULL,
        /** The map is closed. */
        CLOSED,
        /** Anything else: an I/O error, a damaged file. Not to be tried again. */
        FAILED
    }

    /**
     * Makes an exception.
     *
     * @param kind what failed
     * @param message names the file and the cause
     */
    public KvException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /**
     * Makes an exception with a cause.
     *
     * @param kind what failed
     * @param message names the file and the cause
     * @param cause the library's own exception
     */
    public KvException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /**
     * What failed.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
