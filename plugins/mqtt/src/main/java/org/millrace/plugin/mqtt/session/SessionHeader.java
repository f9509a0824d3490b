package org.millrace.plugin.mqtt.session;

import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;

/**
 * What is kept of a session beside its subscriptions and its progress.
 *
 * @param generation names the records that hold those; a clean start takes a new name, so that it forgets in one write
 * @param identity whose it is
 * @param via where the client came from
 * @param expirySeconds how long it waits
 * @param leftMillis when the connection ended; 0 while there is one
 */
record SessionHeader(String generation, Identity identity, ConnectionInfo via, long expirySeconds, long leftMillis) {}
