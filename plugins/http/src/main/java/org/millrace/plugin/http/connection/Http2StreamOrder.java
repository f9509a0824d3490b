package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.BitSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds HEADERS on streams that the client itself has closed, which end the connection (RFC 9113 sections 5.1 and 5.1.1).
 * The codec resets the stream alone, as it does not remember who closed it. So this looks at the heads of the client's
 * frames before the codec reads them, and at nothing but what the client has said: what the host has closed is still the
 * client's to end. Used on the connection's event loop only.
 */
final class Http2StreamOrder {
    private static final int PREFACE = 24;
    private static final int HEAD = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int END_STREAM = 1;

    /** Streams of the client's that are remembered: enough for all that it may have under way, many times over. */
    private static final int REMEMBERED = 4096;

    /** Streams the client has begun and not ended. */
    private final TreeSet<Integer> open = new TreeSet<>();

    /** Which of the last streams were begun at all, by half their identifier. */
    private final BitSet begun = new BitSet(REMEMBERED);

    private int last = -1;

    /** How many bytes behind the reader's place have been looked at. */
    private int ahead = PREFACE;

    /** What breaks the order, and how many bytes stand before it. */
    record Breach(int before, Http2Exception error) {}

    /** Looks at the frames that have come, and alters nothing of them; null if they are in order. */
    @Nullable
    Breach lookAt(ByteBuf in) {
        while (in.readableBytes() - HEAD >= ahead) {
            int at = in.readerIndex() + ahead;
            int stream = in.getInt(at + 5) & Integer.MAX_VALUE;
            if (breaksOrder(in.getByte(at + 3), in.getByte(at + 4), stream)) {
                return new Breach(ahead, error(stream));
            }
            ahead += HEAD + in.getUnsignedMedium(at);
        }
        return null;
    }

    /** The codec has read so many bytes. */
    void read(int bytes) {
        ahead -= bytes;
    }

    private boolean breaksOrder(int type, int flags, int stream) {
        boolean ends = (flags & END_STREAM) != 0;
        switch (type) {
            case HEADERS -> {
                if (stream % 2 == 0) {
                    return false;
                }
                if (stream <= last) {
                    return ends ? !open.remove(stream) : !open.contains(stream);
                }
                begin(stream);
                if (!ends) {
                    open.add(stream);
                }
            }
            case DATA -> {
                if (ends) {
                    open.remove(stream);
                }
            }
            case RST_STREAM -> open.remove(stream);
            default -> {}
        }
        return false;
    }

    private void begin(int stream) {
        int from = last < 0 ? 0 : last / 2 + 1;
        int to = stream / 2;
        if (to - from >= REMEMBERED) {
            begun.clear();
        } else {
            for (int passed = from; passed < to; passed++) {
                begun.clear(passed % REMEMBERED);
            }
        }
        begun.set(to % REMEMBERED);
        last = stream;
        if (open.size() >= REMEMBERED) {
            open.pollFirst();
        }
    }

    private Http2Exception error(int stream) {
        boolean known = last / 2 - stream / 2 >= REMEMBERED || begun.get(stream / 2 % REMEMBERED);
        return known
                ? Http2Exception.connectionError(
                        Http2Error.STREAM_CLOSED, "HEADERS on stream %d, which the client has ended", stream)
                : Http2Exception.connectionError(
                        Http2Error.PROTOCOL_ERROR, "stream %d is begun after stream %d", stream, last);
    }
}
