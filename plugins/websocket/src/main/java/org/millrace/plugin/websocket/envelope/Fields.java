package org.millrace.plugin.websocket.envelope;

/**
 * Fields of a map, encoded, without the map around them. May be shared by any number of messages.
 *
 * @param count how many
 * @param bytes not to be altered
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Fields(int count, byte[] bytes) {}
