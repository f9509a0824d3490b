package org.millrace.store.kv;

/** The ordered maps within one {@link Kv}. */
public enum Tree {
    /** Record key to record value. */
    RECORDS("records"),
    /** Time of expiry and record key, to nothing. */
    EXPIRY("expiry"),
    /** Number of a secondary index, value and record, to nothing; see IndexKey. */
    INDEXES("indexes"),
    /** Record key to the version of a removal, where removals are remembered for other nodes; see Tombstones. */
    TOMBSTONES("tombstones"),
    /** What the store knows of itself: its format, its node, how far it has applied the journal. */
    META("meta");

    private final String id;

    Tree(String id) {
        this.id = id;
    }

    /**
     * The name on disk.
     *
     * @return lower case letters
     */
    public String id() {
        return id;
    }
}
