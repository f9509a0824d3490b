package org.millrace.store;

import java.util.Optional;
import org.millrace.spi.resource.ResourceException;

/**
 * How a store is doing, for health and metrics. The figures are of about the same moment.
 *
 * @param queuedRequests requests that wait for the writer
 * @param queuedBytes what they weigh
 * @param overlayEntries changed records that are not yet on disk
 * @param overlayBytes what they weigh
 * @param appliedSeq the last journaled change that the records on disk contain with all before it
 * @param diskUsedBytes how much of the map is used, pages to be used again included
 * @param diskMapBytes the map's size
 * @param refusal why writes are refused; empty if they are taken
 */
public record StoreStatus(
        int queuedRequests,
        long queuedBytes,
        int overlayEntries,
        long overlayBytes,
        long appliedSeq,
        long diskUsedBytes,
        long diskMapBytes,
        Optional<ResourceException> refusal) {}
