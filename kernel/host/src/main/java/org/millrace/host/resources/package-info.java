/**
 * The tree of records as clients see it: the SPI's {@link org.millrace.spi.resource.Resources} over the store, the
 * journal and the subscriptions.
 *
 * <p>{@link org.millrace.host.resources.ResourceTree} is the one of the host, {@link org.millrace.host.resources.ResourcesView}
 * what one client is given: it checks grants and limits in each call and takes the client's side of every queue.
 *
 * <p><b>The way back.</b> A write's outcome is told on the writer thread, which must not be held up. Each write is its
 * own {@link org.millrace.host.resources.Completion}: the stage the caller holds, the callback of the store, and a link
 * in the queue of its executor's {@link org.millrace.host.resources.Mailbox}, one object in all. While a batch is
 * acknowledged, completions only gather; when it is done, {@link org.millrace.host.resources.Completions} wakes each
 * executor once.
 *
 * <p>Below {@code $internal/} are the plugins' private stores and cursors ({@link
 * org.millrace.host.resources.InternalRecords}), records like all others that no client can reach. {@link
 * org.millrace.host.resources.SystemResources} are computed when they are read.
 */
@NullMarked
package org.millrace.host.resources;

import org.jspecify.annotations.NullMarked;
