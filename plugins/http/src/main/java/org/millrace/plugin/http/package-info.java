/**
 * The HTTP plugin: records and changes over HTTP/1.1 and HTTP/2.
 *
 * <p>A tour in the order of a request. {@code connection} holds one connection: its decoder ({@code wire}), the queue of
 * requests under way, time-outs, and the encoding of answers. It finds out who the client is and what the request's path
 * names ({@code target}), asks other plugins whether the request is theirs, and otherwise hands an
 * {@code exchange} to {@code resource}, where the methods are. Those use {@code negotiation} for formats,
 * {@code condition} for ETags and dates, and {@code problem} for refusals. Only {@code connection} and {@code wire} know
 * the HTTP version.
 *
 * <p>The user's view is in {@code docs/http.md}.
 */
@NullMarked
package org.millrace.plugin.http;

import org.jspecify.annotations.NullMarked;
