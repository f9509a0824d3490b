package org.millrace.spi.resource;

import org.millrace.spi.content.Content;

/**
 * One row of a query's result.
 *
 * @param path the record it was made from; for an aggregate, the table's own path
 * @param version the record's version; {@link Version#NONE} for an aggregate
 * @param content the record's content, or what the query selected or computed
 * @since 0.1
 */
public record Row(Path path, Version version, Content content) {}
