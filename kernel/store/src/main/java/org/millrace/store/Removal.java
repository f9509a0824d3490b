package org.millrace.store;

import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/**
 * The removal of a record, as it is remembered.
 *
 * @param path the record
 * @param version of the removal
 * @param ranOut whether the record's time had run out, and nobody removed it
 */
public record Removal(Path path, Version version, boolean ranOut) {}
