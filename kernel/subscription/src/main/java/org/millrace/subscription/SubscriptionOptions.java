package org.millrace.subscription;

/**
 * The limits of a {@link SubscriptionEngine}. Start from {@link #DEFAULTS}.
 *
 * @param maxInFlight how many deliveries of one subscription may wait for its executor, however much it requested; one
 *     that has more reads the journal instead
 * @param runLength how many changes the fan-out thread takes before it hands the deliveries to the executors
 * @param handOverChanges how far behind a subscription may be when the fan-out thread takes it over; one that is
 *     further behind is read forward by the reader pool
 * @param sliceChanges how many changes a reader looks at for one subscription before it turns to the next
 * @param sliceRecords how many records a reader reads at once for the present state
 * @param sliceBytes after how many bytes of content such a read ends
 * @param readers how many readers may run at once
 * @param conflatedPaths how many changed paths are kept for a {@code LATEST} subscription that has no demand
 * @param conflatedBytes how many bytes of content are kept for it
 * @param liveQueryMembers how many records the result of one live query may have
 * @param earlyEvents how many unjournaled events are kept for a subscription that is not yet caught up
 * @param maxLag how many changes fan-out may be behind before the engine calls itself lagging
 * @param restAfter how many changes may concern a subscription that has no demand before it is no longer looked at: from
 *     then on it costs nothing until there is demand
 * @param indexedChanges of how many of the newest changes the hash codes of paths are kept, four bytes each, by which
 *     subscriptions of single paths that catch up pass over the changes of others
 */
public record SubscriptionOptions(
        int maxInFlight,
        int runLength,
        int handOverChanges,
        int sliceChanges,
        int sliceRecords,
        int sliceBytes,
        int readers,
        int conflatedPaths,
        int conflatedBytes,
        int liveQueryMembers,
        int earlyEvents,
        int maxLag,
        int restAfter,
        int indexedChanges) {
    /** What suits a host without special needs. */
    public static final SubscriptionOptions DEFAULTS = new SubscriptionOptions(
            1024, 1024, 4096, 4096, 256, 1 << 20, 4, 1024, 1 << 20, 10_000, 256, 32_768, 64, 1 << 20);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public SubscriptionOptions {
        atLeastOne("maxInFlight", maxInFlight);
        atLeastOne("runLength", runLength);
        atLeastOne("handOverChanges", handOverChanges);
        atLeastOne("sliceChanges", sliceChanges);
        atLeastOne("sliceRecords", sliceRecords);
        atLeastOne("sliceBytes", sliceBytes);
        atLeastOne("readers", readers);
        atLeastOne("conflatedPaths", conflatedPaths);
        atLeastOne("conflatedBytes", conflatedBytes);
        atLeastOne("liveQueryMembers", liveQueryMembers);
        atLeastOne("earlyEvents", earlyEvents);
        atLeastOne("maxLag", maxLag);
        atLeastOne("restAfter", restAfter);
        atLeastOne("indexedChanges", indexedChanges);
    }

    /**
     * These options with another bound of a live query's result.
     *
     * @param value how many records
     * @return new options
     */
    public SubscriptionOptions withLiveQueryMembers(int value) {
        return with(value, maxLag, indexedChanges);
    }

    /**
     * These options with another bound of fan-out's lag.
     *
     * @param value how many changes
     * @return new options
     */
    public SubscriptionOptions withMaxLag(int value) {
        return with(liveQueryMembers, value, indexedChanges);
    }

    /**
     * These options with another bound of the hash codes of paths.
     *
     * @param value of how many changes
     * @return new options
     */
    public SubscriptionOptions withIndexedChanges(int value) {
        return with(liveQueryMembers, maxLag, value);
    }

    private SubscriptionOptions with(int queryMembers, int lag, int changes) {
        return new SubscriptionOptions(
                maxInFlight,
                runLength,
                handOverChanges,
                sliceChanges,
                sliceRecords,
                sliceBytes,
                readers,
                conflatedPaths,
                conflatedBytes,
                queryMembers,
                earlyEvents,
                lag,
                restAfter,
                changes);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
        }
    }
}
