package org.millrace.plugin.amqp.link;

import io.netty.channel.EventLoop;
import java.time.Clock;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.plugin.amqp.mapping.MessageMapping;
import org.millrace.plugin.amqp.transaction.Transactions;
import org.millrace.spi.resource.Resources;

/** What links need of their connection. Used by its event loop. */
public interface LinkHost {
    /**
     * The client's view of the records.
     *
     * @return closed with the connection
     */
    Resources resources();

    /**
     * The loop that owns the connection.
     *
     * @return the view's executor
     */
    EventLoop eventLoop();

    /**
     * The plugin's configuration.
     *
     * @return the record
     */
    AmqpConfig config();

    /**
     * Turns messages into writes.
     *
     * @return shared
     */
    MessageMapping mapping();

    /**
     * Decodes messages.
     *
     * @return the connection's own
     */
    DecoderImpl decoder();

    /**
     * The time.
     *
     * @return the host's clock
     */
    Clock clock();

    /**
     * The largest message accepted.
     *
     * @return bytes
     */
    int messageLimit();

    /**
     * The connection's transactions.
     *
     * @return those declared and not discharged
     */
    Transactions transactions();

    /**
     * Asks for {@link LinkHandler#flow} once the engine has got rid of some of what it holds.
     *
     * @param link one that has more to send
     */
    void blocked(LinkHandler link);

    /** Something was given to the engine that has to be sent before long. */
    void wake();

    /**
     * Whether the socket takes more without piling up.
     *
     * @return false while the client reads slowly
     */
    boolean isWritable();

    /**
     * Counts bytes of messages that are received and not written yet; beyond a bound nothing more is read.
     *
     * @param bytes to add, or negative to take away
     */
    void pending(long bytes);

    /** Counts a message in. */
    void received();

    /** Counts a message out. */
    void sent();

    /** Counts a message that was refused. */
    void refused();
}
