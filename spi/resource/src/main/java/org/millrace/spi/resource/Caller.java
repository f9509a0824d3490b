package org.millrace.spi.resource;

import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;

/**
 * The client that a {@link CustomResource} is asked by.
 *
 * @param identity who it is
 * @param via how it is connected
 * @since 0.1
 */
public record Caller(Identity identity, ConnectionInfo via) {}
