package org.millrace.query;

import org.millrace.content.AttributePath;

/**
 * One attribute to sort by.
 *
 * @param attribute which
 * @param descending whether the greatest comes first
 */
public record SortKey(AttributePath attribute, boolean descending) {}
