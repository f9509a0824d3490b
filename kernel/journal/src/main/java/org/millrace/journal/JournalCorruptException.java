package org.millrace.journal;

import java.nio.file.Path;

/**
 * What is on disk is not what was written: a damaged entry before intact ones, a damaged header, or a segment that is
 * missing. Nothing was altered; the message names file, offset, the seq that was expected there, and the remedy.
 */
public final class JournalCorruptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Damage damage;

    /**
     * Describes the damage.
     *
     * @param damage where and what
     */
    public JournalCorruptException(Damage damage) {
        super(damage.toString());
        this.damage = damage;
    }

    /**
     * Where and what.
     *
     * @return the damage
     */
    public Damage damage() {
        return damage;
    }

    /**
     * The damaged file.
     *
     * @return its path, or the one it should have
     */
    public Path file() {
        return damage.file();
    }

    /**
     * Where in the file.
     *
     * @return bytes from its start
     */
    public long offset() {
        return damage.offset();
    }

    /**
     * Which change should be there.
     *
     * @return its seq
     */
    public long expectedSeq() {
        return damage.expectedSeq();
    }
}
