/**
 * Measures replication without protocols: nodes in one process that share a NATS server, beside its own client alone with
 * the same bytes. {@link org.millrace.benchmarks.replication.ReplicationBenchmarks} is the entry.
 */
@NullMarked
package org.millrace.benchmarks.replication;

import org.jspecify.annotations.NullMarked;
