package org.millrace.store;

import org.millrace.spi.resource.Entry;

/**
 * A record as it was read, with its place in the journal, by which a subscription tells whether a change is already
 * contained in what it has shown.
 *
 * @param entry the record
 * @param seq the journal's sequence number of the change that made it so
 */
public record StoredEntry(Entry entry, long seq) {}
