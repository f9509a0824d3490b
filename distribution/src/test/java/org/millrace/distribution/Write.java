package org.millrace.distribution;

/**
 * What a client did to a record.
 *
 * @param node where
 * @param protocol by which
 * @param number the client's, ascending
 * @param content what it put or merged
 * @param outcome what it knows of that
 * @param clock the version's; 0 if it was not told
 */
record Write(int node, String protocol, Kind kind, String id, int number, String content, Outcome outcome, long clock) {
    enum Kind {
        PUT,
        PATCH,
        REMOVAL
    }

    enum Outcome {
        ACKNOWLEDGED,
        REFUSED,
        UNKNOWN
    }

    boolean acknowledged() {
        return outcome == Outcome.ACKNOWLEDGED;
    }

    boolean refused() {
        return outcome == Outcome.REFUSED;
    }
}
