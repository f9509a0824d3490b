/**
 * Tables: what their definitions say, and how writes follow them.
 *
 * <p>A definition is a record, {@code $sys/tables/{name}}, so it is written, read, followed and journaled like any other.
 * {@link org.millrace.host.table.TableDefinition} reads one; {@link org.millrace.host.table.TableCatalog} has all of them
 * in memory, checks new ones before they are written, and gives every write what its table's definition asks for.
 */
@NullMarked
package org.millrace.host.table;

import org.jspecify.annotations.NullMarked;
