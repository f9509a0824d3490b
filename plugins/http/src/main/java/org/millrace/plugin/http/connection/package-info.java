/**
 * One HTTP/1.1 connection.
 *
 * <p>{@link org.millrace.plugin.http.connection.HttpSession} is the state machine: it takes requests from the decoder,
 * lets a bounded number be under way, and sends the answers in the order of the requests. An
 * {@link org.millrace.plugin.http.connection.Http1Exchange} is one request with its slot for the answer.
 * {@link org.millrace.plugin.http.connection.Deadline} is the one timer of a connection,
 * {@link org.millrace.plugin.http.connection.ClientAccess} knows who the client is, and
 * {@link org.millrace.plugin.http.connection.RouteExchange} lets another plugin answer.
 *
 * <p>Everything but {@link org.millrace.plugin.http.connection.HttpServer} belongs to the connection's event loop.
 */
@NullMarked
package org.millrace.plugin.http.connection;

import org.jspecify.annotations.NullMarked;
