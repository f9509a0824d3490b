package org.millrace.journal;

import java.nio.file.Path;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * The journal has stopped writing for good: a write or a sync failed, and after that nobody can say what the disk
 * holds. It is never tried again, since the operating system may report a second sync of lost pages as a success.
 * Reads go on; a restart reads back what the disk does hold.
 */
public final class JournalFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    /**
     * Describes the failure.
     *
     * @param file the file that could not be written
     * @param act what was tried, for example {@code sync}
     * @param cause what the operating system said
     */
    public JournalFailedException(Path file, String act, Throwable cause) {
        super(
                "cannot " + act + " journal file " + file + ": " + cause
                        + "; no further writes are taken, reads go on. Check the disk, then restart the host",
                cause);
        this.file = file;
    }

    /**
     * The file that could not be written.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * This failure in the terms of the SPI.
     *
     * @return UNAVAILABLE, with this as its cause
     */
    public ResourceException toResourceException() {
        return new ResourceException(
                ErrorCode.UNAVAILABLE, "the host has stopped writing after a disk error; reads go on", this);
    }
}
