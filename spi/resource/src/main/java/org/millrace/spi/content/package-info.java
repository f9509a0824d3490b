/**
 * What a record holds: bytes with a media type.
 *
 * <p>A {@link org.millrace.spi.content.Content} keeps the publisher's bytes as they came. Structured content (JSON,
 * CBOR, MessagePack) is equal in meaning across formats and is transcoded on demand, once per format; everything else
 * is opaque and is handed on untouched. {@link org.millrace.spi.content.Contents} makes and validates contents.
 */
@NullMarked
package org.millrace.spi.content;

import org.jspecify.annotations.NullMarked;
