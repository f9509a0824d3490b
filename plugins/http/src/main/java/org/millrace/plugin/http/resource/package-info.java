/**
 * What the methods do to records, collections and the host itself.
 *
 * <p>{@link org.millrace.plugin.http.resource.Methods} says which methods there are and which apply where.
 * {@link org.millrace.plugin.http.resource.Dispatcher} hands a request to
 * {@link org.millrace.plugin.http.resource.RecordReads}, {@link org.millrace.plugin.http.resource.RecordWrites},
 * {@link org.millrace.plugin.http.resource.CollectionMethods} or answers for the index. Everything here runs on the
 * connection's event loop and is free of HTTP's wire form.
 */
@NullMarked
package org.millrace.plugin.http.resource;

import org.jspecify.annotations.NullMarked;
