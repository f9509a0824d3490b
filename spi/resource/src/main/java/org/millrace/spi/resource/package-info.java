/**
 * The tree of records and the acts on it.
 *
 * <p>A {@link org.millrace.spi.resource.Path} names a record: a current
 * {@link org.millrace.spi.content.Content} and its {@link org.millrace.spi.resource.Version}. A client acts through
 * {@link org.millrace.spi.resource.Resources}, its own authorised view: it reads an
 * {@link org.millrace.spi.resource.Entry}, submits a {@link org.millrace.spi.resource.Write} and receives a
 * {@link org.millrace.spi.resource.Commit} once the change is as durable as asked, and follows
 * {@link org.millrace.spi.resource.Change changes} through a {@link org.millrace.spi.resource.Subscription} with
 * explicit demand. Everything that goes wrong is a {@link org.millrace.spi.resource.ResourceException} with one of the
 * codes of {@link org.millrace.spi.resource.ErrorCode}.
 *
 * <p><b>Threads.</b> A {@code Resources} view is opened with an {@link java.util.concurrent.Executor}, normally the
 * event loop that owns the client's connection. Completions and deliveries of that view run there, one at a time. No
 * call of this package blocks, apart from page-ins of a stored record that is not in memory.
 *
 * <p><b>Data</b> is immutable throughout and may be passed between threads freely.
 */
@NullMarked
package org.millrace.spi.resource;

import org.jspecify.annotations.NullMarked;
