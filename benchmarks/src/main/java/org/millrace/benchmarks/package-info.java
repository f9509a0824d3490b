/**
 * Load runs against a host in a process of its own, over real sockets.
 *
 * <p>{@link org.millrace.benchmarks.Benchmarks} starts the host from an unpacked distribution (or is pointed at one that
 * runs), lets a {@link org.millrace.benchmarks.LoadLoop} drive connections from one thread, and prints a table of rates,
 * latencies and the server's CPU time. A closed loop: each connection keeps a fixed number of requests in flight, so a
 * rate is what the server gives, and a latency includes the time spent waiting in its queues.
 *
 * <p>The numbers of one run are comparable with each other. Absolute ones depend on the machine, which load generator and
 * server share.
 */
@NullMarked
package org.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
