/**
 * Changes as event streams (Server-Sent Events, WHATWG HTML section 9.2) on the HTTP plugin's port.
 *
 * <p>{@link org.millrace.plugin.sse.SsePlugin} offers an {@code SseRoute}, which takes the requests that accept
 * {@code text/event-stream}. A {@code StreamRequest} says what such a request asks for, and an {@code SseStream} serves
 * it: it subscribes, writes each change in an {@code EventForm} that all streams share, and asks for more as the socket
 * takes it.
 *
 * <p><b>Resuming.</b> An event bears an {@code id} only where resuming after it loses and repeats nothing: never while
 * the present state is being shown, and never ahead of what was delivered.
 */
@NullMarked
package org.millrace.plugin.sse;

import org.jspecify.annotations.NullMarked;
