package org.millrace.replication;

/**
 * A message as it came from the stream.
 *
 * @param place its number in the stream
 * @param bytes its size
 * @param message what it says
 */
record Received(long place, int bytes, ClusterMessage message) {}
