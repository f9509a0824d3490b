package org.millrace.store.kv;

/**
 * How full the map is.
 *
 * @param usedBytes bytes of the file up to its last used page; pages freed below that are counted
 * @param mapBytes the address space set aside, at which the map grows
 */
public record KvUsage(long usedBytes, long mapBytes) {}
