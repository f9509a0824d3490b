/**
 * Several records in one request: reading the items out of a body, and writing them with bounded work under way.
 *
 * <p>{@link org.millrace.plugin.http.bulk.JsonSlices} takes JSON apart that the host has checked already, without
 * building a tree. {@link org.millrace.plugin.http.bulk.Items} reads bulk bodies and transactions into writes, and
 * {@link org.millrace.plugin.http.bulk.WriteQueue} has them written.
 */
@NullMarked
package org.millrace.plugin.http.bulk;

import org.jspecify.annotations.NullMarked;
