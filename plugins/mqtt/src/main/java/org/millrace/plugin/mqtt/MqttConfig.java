package org.millrace.plugin.mqtt;

import java.time.Duration;
import java.util.List;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;

/**
 * The plugin's section of the configuration.
 *
 * @param listener address, TLS and connection limits
 * @param connectTimeout how long a connection may take to send CONNECT
 * @param maxPacketSize the largest packet accepted
 * @param receiveMaximum how many QoS 1 and 2 messages a client may have unacknowledged
 * @param maxInflight how many QoS 1 and 2 messages a client is sent before it acknowledges
 * @param subscriptionWindow how many messages of one subscription may be between the host and the socket
 * @param latestBeyond how many messages may wait for a slow client before QoS 0 is cut to the newest of each topic
 * @param maxWaiting bytes of QoS 0 events that wait for a slow client
 * @param maxKeepAlive the longest keep-alive
 * @param maxSessionExpiry the longest time a session waits for its client
 * @param maxSessions how many sessions wait for their clients
 * @param maxSessionLag how many changes a session may be behind before the journal is no longer kept for it
 * @param maxSubscriptions how many topic filters one client may have
 * @param refusedFilters topic filters nobody may subscribe to
 * @param topicAliasMaximum how many topic aliases a client may use
 * @param maxPublishRate how many messages a second one client may send; 0 for any number
 * @param maxTotalPublishRate how many messages a second all clients may send together; 0 for any number
 * @param maxConnectRate how often a second one client identifier may connect; 0 for any number
 * @param maxTotalConnectRate how many clients a second may connect; 0 for any number
 * @param responseInformation where MQTT 5 clients are told to expect responses; empty if they are told nothing
 * @param systemTopicsInterval how often the topics under {@code $SYS} are read
 * @param content what payloads of no declared type are
 */
public record MqttConfig(
        @Setting(inline = true) ListenerSettings listener,

        @Setting(value = "10s", min = 1, doc = "time a new connection has to send CONNECT")
        Duration connectTimeout,

        @Setting(value = "1MiB", min = 64, max = 268_435_460, doc = "largest packet accepted from a client")
        ByteSize maxPacketSize,

        @Setting(
                value = "1024",
                min = 1,
                max = 65_535,
                doc = "QoS 1 and 2 messages a client may have unacknowledged by the server")
        int receiveMaximum,

        @Setting(
                value = "1024",
                min = 1,
                max = 65_535,
                doc = "QoS 1 and 2 messages a client is sent before it has to acknowledge")
        int maxInflight,

        @Setting(
                value = "4096",
                min = 1,
                max = 1_000_000,
                doc = "messages of one subscription that may wait for its client's socket; clients with many"
                        + " subscriptions get less for each")
        int subscriptionWindow,

        @Setting(
                value = "1024",
                min = 1,
                max = 1_000_000,
                doc = "messages that wait for a client that reads slowly before those of QoS 0 are cut to the newest of"
                        + " each topic")
        int latestBeyond,

        @Setting(
                value = "4MiB",
                doc = "bytes of messages that wait for a client that reads slowly; QoS 0 events beyond it are dropped")
        ByteSize maxWaiting,

        @Setting(
                value = "60s",
                min = 1000,
                max = 65_535_000,
                doc = "longest keep-alive; MQTT 5 clients that ask for longer, or for none, are told to keep this one")
        Duration maxKeepAlive,

        @Setting(value = "24h", min = 0, doc = "longest time a session waits for its client to come back")
        Duration maxSessionExpiry,

        @Setting(value = "100000", min = 0, doc = "sessions that wait for their clients; further ones end at once")
        int maxSessions,

        @Setting(
                value = "10000000",
                min = 1,
                doc = "changes a session may be behind before the journal is no longer kept for it")
        long maxSessionLag,

        @Setting(value = "1000", min = 1, doc = "topic filters one client may have")
        int maxSubscriptions,

        @Setting(
                value = "test/nosubscribe",
                doc = "topic filters nobody may subscribe to, compared as they are written; the default is the one that"
                        + " interoperability suites expect to be refused")
        List<String> refusedFilters,

        @Setting(value = "64", min = 0, max = 65_535, doc = "topic aliases a client may use on one connection")
        int topicAliasMaximum,

        @Setting(
                value = "0",
                min = 0,
                max = 1_000_000_000,
                doc = "messages a second one client may send; a faster one is read more slowly; 0 for any number")
        long maxPublishRate,

        @Setting(
                value = "0",
                min = 0,
                max = 1_000_000_000,
                doc = "messages a second all clients may send together; beyond it they are read more slowly; 0 for any"
                        + " number")
        long maxTotalPublishRate,

        @Setting(
                value = "0",
                min = 0,
                max = 1_000_000_000,
                doc = "how often a second one client identifier may connect; more often is refused; 0 for any number")
        long maxConnectRate,

        @Setting(
                value = "0",
                min = 0,
                max = 1_000_000_000,
                doc = "clients that may connect in a second; further ones are refused; 0 for any number")
        long maxTotalConnectRate,

        @Setting(
                value = "",
                doc = "topic that MQTT 5 clients who ask for response information are told, such as"
                        + " responses/{client}; empty for none")
        String responseInformation,

        @Setting(
                value = "10s",
                min = 0,
                doc = "how often the figures under $SYS/broker are read; less than 1s turns them off")
        Duration systemTopicsInterval,

        @Setting(
                value = "auto",
                doc = "what payloads of no declared type are: 'auto' takes JSON as JSON and all else as bytes,"
                        + " 'opaque' takes all as bytes")
        ContentPolicy content) {
    /** MQTT's port. */
    public static final int STANDARD_PORT = 1883;
}
