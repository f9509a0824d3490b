/**
 * One connection, of HTTP/1.1 or HTTP/2.
 *
 * <p>{@link org.millrace.plugin.http.connection.ServerExchange} is what a request of either goes through.
 * {@link org.millrace.plugin.http.connection.Http1Session} is the state machine of HTTP/1.1: it takes requests from the
 * decoder, lets a bounded number be under way, and sends the answers in the order of the requests; it is one file of
 * more than 400 lines because its states are one whole. An {@link org.millrace.plugin.http.connection.Http1Exchange} is
 * one request with its slot for the answer. {@link org.millrace.plugin.http.connection.Http2Session} keeps the requests
 * of an HTTP/2 connection, each an {@link org.millrace.plugin.http.connection.Http2Exchange}, beside Netty's codec.
 * {@link org.millrace.plugin.http.connection.Deadline} is the one timer of a connection,
 * {@link org.millrace.plugin.http.connection.ClientAccess} knows who the client is, and
 * {@link org.millrace.plugin.http.connection.RouteExchange} lets another plugin answer.
 *
 * <p>Everything but {@link org.millrace.plugin.http.connection.HttpServer} belongs to the connection's event loop.
 */
@NullMarked
package org.millrace.plugin.http.connection;

import org.jspecify.annotations.NullMarked;
