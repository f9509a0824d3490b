package org.millrace.journal;

/**
 * How full the memory of recent changes is. Subscribers that are further behind than its first change read from disk.
 *
 * @param firstSeq the oldest change in memory
 * @param changes how many are in memory
 * @param capacity how many fit at most
 * @param bytes roughly what they weigh
 * @param maxBytes what they may weigh
 */
public record RingUsage(long firstSeq, long changes, long capacity, long bytes, long maxBytes) {}
