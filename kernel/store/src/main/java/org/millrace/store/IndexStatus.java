package org.millrace.store;

import org.millrace.content.AttributePath;

/**
 * How far an index is.
 *
 * @param table of which table
 * @param attribute of which attribute
 * @param isReady whether queries can use it
 * @param indexedRecords how many of the records that were there before it have been entered since it was declared, or
 *     since the host started
 * @param recordsToIndex how many of them there are; -1 while that is not known
 */
public record IndexStatus(
        String table, AttributePath attribute, boolean isReady, long indexedRecords, long recordsToIndex) {}
