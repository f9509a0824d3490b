/**
 * What an operator does with a data directory besides serving it.
 *
 * <p>{@link org.millrace.host.operation.BackupOperation}, {@link org.millrace.host.operation.ExportOperation} and
 * {@link org.millrace.host.operation.ImportOperation} work on open records, in a host that serves or in the command
 * line's own process. {@link org.millrace.host.operation.Restore}, {@link org.millrace.host.operation.Verification} and
 * the store's {@code RecordCompaction} work on the files of a host that is stopped.
 */
@NullMarked
package org.millrace.host.operation;

import org.jspecify.annotations.NullMarked;
