/**
 * Application logic beside the records: raw readings become per-minute aggregates and alerts, whatever protocol they came
 * by, and whatever protocol they are read by.
 *
 * <p>{@code Readings} has its say before a reading is accepted: it refuses what is no number, adds the time, and adds
 * the writes of the minute's aggregate and of the alert to the client's own, so that all are one transaction. {@code
 * Derived} keeps clients from writing these themselves.
 */
@NullMarked
package org.millrace.examples.rules;

import org.jspecify.annotations.NullMarked;
