/**
 * Measures the engine without protocols: the store's durable puts beside a bare log file, its reads, the matching of
 * topics and the fan-out of changes. {@link org.millrace.benchmarks.engine.EngineBenchmarks} is the entry.
 */
@NullMarked
package org.millrace.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
