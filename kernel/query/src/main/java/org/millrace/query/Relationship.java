package org.millrace.query;

import org.millrace.content.AttributePath;

/**
 * How a table's records lead to those of another.
 *
 * @param table the other table
 * @param attribute to one: which attribute of this table holds the other record's id; to many: which attribute of the
 *     other table holds this record's id
 * @param isToMany whether it leads to many
 */
public record Relationship(String table, AttributePath attribute, boolean isToMany) {}
