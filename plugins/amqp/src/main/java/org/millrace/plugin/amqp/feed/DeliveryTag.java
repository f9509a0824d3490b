package org.millrace.plugin.amqp.feed;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Binary;
import org.millrace.spi.resource.Cursor;

/**
 * Delivery tags that name a change's place, so that a client that attaches its link again can say what became of it, also
 * to a server that was restarted meanwhile (AMQP 1.0 section 2.6.13).
 */
public final class DeliveryTag {
    private static final int LENGTH = 2 * Long.BYTES;

    private DeliveryTag() {}

    static byte[] of(Cursor place) {
        return ByteBuffer.allocate(LENGTH)
                .putLong(place.node())
                .putLong(place.position())
                .array();
    }

    /**
     * Reads a tag.
     *
     * @param tag any client's
     * @return the place; empty if the tag is not of this kind
     */
    public static Optional<Cursor> place(Binary tag) {
        if (tag.getLength() != LENGTH) {
            return Optional.empty();
        }
        ByteBuffer in = tag.asByteBuffer();
        long node = in.getLong();
        long position = in.getLong();
        return position < 0 ? Optional.empty() : Optional.of(new Cursor(node, position));
    }
}
