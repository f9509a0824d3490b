package org.millrace.distribution;

import java.io.IOException;
import java.time.Duration;

/** A client of one protocol that writes records of one table at one node, one after the other. For one thread. */
interface RecordWriter extends AutoCloseable {
    /** How long an answer is waited for: what takes longer on a connection that is open never comes. */
    Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * Writes a record.
     *
     * @param content what to put or to merge; not looked at for a removal
     * @throws IOException if it is not known what became of it, for the connection is lost
     * @throws Unanswered if the host gave no answer, though the connection is open
     */
    Answer write(Write.Kind kind, String id, String content) throws IOException, InterruptedException;

    @Override
    void close();

    /**
     * What the host answers.
     *
     * @param accepted whether it took it, or refused
     * @param clock the version's, as far as the protocol tells; otherwise 0
     */
    record Answer(boolean accepted, long clock) {}

    /** A host that leaves a client without an answer. */
    final class Unanswered extends IOException {
        private static final long serialVersionUID = 1;

        Unanswered(String what) {
            super("no answer within " + PATIENCE.toSeconds() + " s on an open connection: " + what);
        }
    }
}
