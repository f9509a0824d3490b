package org.millrace.plugin.amqp;

import java.time.Duration;
import java.util.List;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;

/**
 * The plugin's section of the configuration.
 *
 * @param listener address, TLS and connection limits
 * @param openTimeout how long a connection may take to authenticate and to open
 * @param idleTimeout how long a client may be silent
 * @param plainWithoutTls whether passwords may cross the network unencrypted
 * @param maxFrameSize the largest frame accepted
 * @param maxMessageSize the largest message accepted; 0 for what contents may have, and 64 KiB for what is around them
 * @param maxSessions how many sessions a connection may have
 * @param maxLinks how many links a connection may have
 * @param sessionWindow how many frames of messages a session takes in before the client has to wait
 * @param linkCredit how many messages a sender may have under way
 * @param maxRecoverable how many deliveries are remembered of senders' links that may be attached again
 * @param maxPending bytes of a connection's messages that are not on disk yet
 * @param maxUnsettled how many messages of one link a receiver may leave unsettled
 * @param queues topic filters of the paths that are queues
 * @param deadLetterTable where rejected messages of queues and subscriptions go; empty to drop them
 * @param maxDeliveries failed deliveries after which a message counts as rejected; 0 for no end
 * @param abandonedAfter how long queues and durable subscriptions are kept that nobody receives from; zero for ever
 * @param replyTable the table of temporary addresses
 * @param transactionMessages how many messages a transaction may hold
 * @param transactionBytes bytes of messages a transaction may hold
 * @param redirect where clients are sent when the host stops; empty for nowhere
 * @param content what bodies of no declared type are
 */
public record AmqpConfig(
        @Setting(inline = true) ListenerSettings listener,

        @Setting(value = "10s", min = 1, doc = "time a new connection has to authenticate and to send open")
        Duration openTimeout,

        @Setting(value = "60s", min = 0, doc = "silence after which a client is cut off; 0 never")
        Duration idleTimeout,

        @Setting(
                value = "false",
                doc = "dangerous: take passwords (SASL PLAIN) over unencrypted connections from other machines")
        boolean plainWithoutTls,

        @Setting(value = "128KiB", min = 512, max = 16_777_216, doc = "largest frame accepted from a client")
        ByteSize maxFrameSize,

        @Setting(
                value = "0",
                max = 134_217_728,
                doc = "largest message accepted; 0 for the largest content and 64KiB for what is around it")
        ByteSize maxMessageSize,

        @Setting(value = "256", min = 1, max = 65_535, doc = "sessions a connection may have")
        int maxSessions,

        @Setting(value = "10000", min = 1, doc = "links a connection may have; further ones are detached")
        int maxLinks,

        @Setting(
                value = "2048",
                min = 16,
                max = 1_000_000,
                doc = "frames of messages a session takes in before the client waits")
        int sessionWindow,

        @Setting(value = "1000", min = 1, max = 1_000_000, doc = "messages a sender may have under way")
        int linkCredit,

        @Setting(
                value = "100000",
                min = 0,
                max = 10_000_000,
                doc = "deliveries whose outcomes are remembered for senders that attach their links again")
        int maxRecoverable,

        @Setting(
                value = "16MiB",
                min = 65_536,
                doc = "bytes of a connection's messages not yet on disk; beyond it nothing more is read")
        ByteSize maxPending,

        @Setting(value = "2048", min = 1, max = 1_000_000, doc = "messages of one link a receiver may leave unsettled")
        int maxUnsettled,

        @Setting(
                value = "queues/#",
                doc = "topic filters of paths that are queues, which keep messages until a consumer accepts" + " them")
        List<String> queues,

        @Setting(doc = "table of rejected messages of queues and subscriptions; empty drops them")
        String deadLetterTable,

        @Setting(
                value = "0",
                min = 0,
                doc = "failed deliveries after which a message of a queue or subscription counts as"
                        + " rejected; 0 for no end")
        int maxDeliveries,

        @Setting(
                value = "30d",
                min = 0,
                doc = "time without any receiver after which a queue or a durable subscription is removed; 0 never")
        Duration abandonedAfter,

        @Setting(value = "amqp-temporary", doc = "table of temporary addresses, such as those of replies")
        String replyTable,

        @Setting(value = "10000", min = 1, doc = "messages a transaction may hold")
        int transactionMessages,

        @Setting(value = "16MiB", min = 1, doc = "bytes of messages a transaction may hold")
        ByteSize transactionBytes,

        @Setting(
                doc = "host and port of another node, such as b.example:5672, where clients are sent when this one"
                        + " stops; empty to send them nowhere")
        String redirect,

        @Setting(
                value = "auto",
                doc = "what bodies of no declared type are: 'auto' takes JSON as JSON and all else as bytes,"
                        + " 'opaque' takes all as bytes")
        ContentPolicy content) {
    private static final int PORT = 5672;
    private static final int TLS_PORT = 5671;
    private static final int AROUND = 64 << 10;

    /**
     * The protocol's port, registered with IANA.
     *
     * @return 5671 with TLS, else 5672
     */
    public int standardPort() {
        return listener.tls().isEnabled() ? TLS_PORT : PORT;
    }

    /**
     * The largest message in bytes.
     *
     * @param maxContent the largest content of the host
     * @return a positive number
     */
    public int messageLimit(int maxContent) {
        long set = maxMessageSize.bytes();
        return (int) Math.min(Integer.MAX_VALUE, set == 0 ? (long) maxContent + AROUND : set);
    }
}
