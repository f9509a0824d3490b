package org.millrace.plugin.mqtt.delivery;

/**
 * What bounds a connection's sending.
 *
 * @param level 4 or 5
 * @param clientId for no-local
 * @param window how many QoS 1 and 2 messages may be unacknowledged
 * @param maxPacketSize the client's, in bytes
 * @param topicAliasMaximum how many topic aliases the client takes
 * @param latestBeyond when so many messages wait, those of QoS 0 wait as the newest of their topics only
 * @param maxWaitingBytes beyond this, waiting events of QoS 0 are dropped
 */
public record Bounds(
        int level,
        String clientId,
        int window,
        int maxPacketSize,
        int topicAliasMaximum,
        int latestBeyond,
        long maxWaitingBytes) {}
