/**
 * What records hold: bytes that are JSON, CBOR or MessagePack, or opaque.
 *
 * <p>{@link org.millrace.content.ContentFormats} makes every content of the host. It checks declared formats in one pass,
 * detects JSON where nothing is declared, and applies patches. A content keeps the publisher's bytes; asked for another
 * format it is transcoded once, token by token, and keeps the result. {@link org.millrace.content.Document} and
 * {@link org.millrace.content.AttributeSelection} look into contents for queries and indexes, and give
 * {@link org.millrace.content.Value values} that compare alike whatever format they came in.
 */
@NullMarked
package org.millrace.content;

import org.jspecify.annotations.NullMarked;
