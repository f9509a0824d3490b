/**
 * Redis clients on Millrace's records: a whole protocol adapter against the published SPI.
 *
 * <p>{@code RedisPlugin} is what the host starts, {@code RedisProtocol} what it tells of each connection. A
 * {@code RedisConnection} takes the requests of one client in order, asks {@code Commands} what a name means, and writes
 * the replies in order again. The commands are grouped by what they work on: {@code KeyCommands},
 * {@code StringCommands}, {@code HashCommands}, {@code ChannelCommands} and {@code ServerCommands}. {@code Keys} says
 * which record a key names.
 *
 * <p>Everything of one client happens on the event loop of its connection, so nothing here is locked but
 * {@code Counters}, which clients share.
 */
@NullMarked
package org.millrace.examples.redis;

import org.jspecify.annotations.NullMarked;
