/**
 * HTTP/1.1 on the wire.
 *
 * <p>{@link org.millrace.plugin.http.wire.RequestDecoder} is Netty's decoder behind a gate, made strict;
 * {@link org.millrace.plugin.http.wire.Head} writes answers' heads straight into a buffer, from bytes prepared once.
 */
@NullMarked
package org.millrace.plugin.http.wire;

import org.jspecify.annotations.NullMarked;
