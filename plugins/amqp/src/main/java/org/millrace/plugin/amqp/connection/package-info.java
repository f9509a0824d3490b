/**
 * One client's connection: the engine on its event loop, authentication, sessions, and the making of links.
 *
 * <p>Rule: everything about a connection happens on the event loop that owns it. The engine knows no locks, and needs
 * none; what completes elsewhere comes back to the loop first.
 */
@NullMarked
package org.millrace.plugin.amqp.connection;

import org.jspecify.annotations.NullMarked;
