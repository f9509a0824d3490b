/**
 * One connection, of HTTP/1.1 or HTTP/2.
 *
 * <p>{@link org.millrace.plugin.http.connection.ServerExchange} is what a request of either goes through.
 * {@link org.millrace.plugin.http.connection.Http1Session} is the state machine of HTTP/1.1: it lets a
 * bounded number of requests be under way, and sends the answers in the order of the requests.
 * {@link org.millrace.plugin.http.connection.Http1Intake} takes the requests in from the decoder,
 * {@link org.millrace.plugin.http.connection.Http1Patience} knows how long the client is waited for,
 * {@link org.millrace.plugin.http.connection.Http1Output} writes. An
 * {@link org.millrace.plugin.http.connection.Http1Exchange} is one request with its slot for the answer.
 * {@link org.millrace.plugin.http.connection.Http2Session} keeps the requests of an HTTP/2 connection, each
 * an {@link org.millrace.plugin.http.connection.Http2Exchange}, beside Netty's codec, with
 * {@link org.millrace.plugin.http.connection.Http2StreamOrder} in front of it,
 * {@link org.millrace.plugin.http.connection.Http2Patience} and
 * {@link org.millrace.plugin.http.connection.Http2Output} beside it.
 * {@link org.millrace.plugin.http.connection.Deadline} is the one timer of a connection,
 * {@link org.millrace.plugin.http.connection.LingeringClose} lets a client that still sends read why it is
 * sent away, {@link org.millrace.plugin.http.connection.ClientAccess} knows who the client is, and
 * {@link org.millrace.plugin.http.connection.RouteExchange} lets another plugin answer.
 *
 * <p>Everything but {@link org.millrace.plugin.http.connection.HttpServer} belongs to the connection's event loop.
 */
@NullMarked
package org.millrace.plugin.http.connection;

import org.jspecify.annotations.NullMarked;
