/**
 * The distribution as its users meet it: started by its own script, with plugins loaded from jars, and driven by clients
 * that know nothing of Millrace ({@code curl}, {@code mosquitto_pub}, {@code mosquitto_sub}, Java's HTTP client).
 */
@NullMarked
package org.millrace.distribution;

import org.jspecify.annotations.NullMarked;
