package org.millrace.plugin.amqp.mapping;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Copies the kept sections of properties and application properties to a message whose body is in another format. */
final class KeptProperties {
    private static final int PROPERTIES = 0x73;
    private static final int CONTENT_TYPE = 6;
    private static final int CONTENT_ENCODING = 7;

    private KeptProperties() {}

    /** Copies all but what describes the body. */
    static void copy(AmqpWriter out, byte @Nullable [] sections, String type) {
        ByteBuffer in = ByteBuffer.wrap(sections == null ? new byte[0] : sections);
        int items = 0;
        if (in.hasRemaining()) {
            if (KeptValues.isSection(in, PROPERTIES, "amqp:properties:list")) {
                items = KeptValues.items(in);
            } else {
                in.position(0);
            }
        }
        out.section(PROPERTIES);
        int list = out.begin(AmqpWriter.LIST);
        int written = Math.max(items, CONTENT_TYPE + 1);
        for (int i = 0; i < written; i++) {
            int start = in.position();
            if (i < items) {
                KeptValues.skip(in);
            }
            if (i == CONTENT_TYPE) {
                out.symbol(type);
            } else if (i >= items || i == CONTENT_ENCODING) {
                out.nothing();
            } else {
                out.raw(in.array(), start, in.position() - start);
            }
        }
        out.end(list, written);
        out.raw(in.array(), in.position(), in.remaining());
    }
}
