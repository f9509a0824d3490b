package org.millrace.plugin.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.AsciiString;
import java.time.Clock;
import org.millrace.plugin.http.condition.HttpDate;

/**
 * Writes the head of an answer into a buffer. One object serves one event loop's connection and writes one head at a
 * time: {@link #begin}, then fields, then {@link #end}. Values are not escaped: a value from outside must have been
 * checked with {@link #isFieldValue}.
 */
public final class Head {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] QUOTE_END = {'"', '\r', '\n'};
    private static final byte[] CONTINUE =
            AsciiString.of("HTTP/1.1 100 Continue\r\n\r\n").array();

    private final Dates dates;

    /** The dates of all heads of one server. */
    public static final class Dates {
        private final DateLine line;

        /**
         * Starts to keep the date.
         *
         * @param clock the time
         */
        public Dates(Clock clock) {
            this.line = new DateLine(clock);
        }

        /**
         * The date now.
         *
         * @return the value of {@code Date}
         */
        public String value() {
            return line.value();
        }
    }

    /**
     * Makes a writer.
     *
     * @param dates the server's dates
     */
    public Head(Dates dates) {
        this.dates = dates;
    }

    /**
     * Writes the status line and the date.
     *
     * @param out receives them
     * @param status from 200 to 599
     * @param keepAlive whether the connection goes on after this answer
     * @param http10 whether the client speaks HTTP/1.0, to which keeping alive must be said
     */
    public void begin(ByteBuf out, int status, boolean keepAlive, boolean http10) {
        out.writeBytes(StatusLine.of(status)).writeBytes(dates.line.bytes());
        if (!keepAlive) {
            out.writeBytes(Field.CLOSE.bytes());
        } else if (http10) {
            out.writeBytes(Field.KEEP_ALIVE.bytes());
        }
    }

    /**
     * Writes a whole prepared line.
     *
     * @param out receives it
     * @param line a field that is complete in itself
     */
    public void line(ByteBuf out, Field line) {
        out.writeBytes(line.bytes());
    }

    /**
     * Writes a field with a prepared name.
     *
     * @param out receives it
     * @param field its name; {@link Field#ETAG} is given its quotes
     * @param value its value in ASCII
     */
    public void field(ByteBuf out, Field field, String value) {
        out.writeBytes(field.bytes());
        ByteBufUtil.writeAscii(out, value);
        out.writeBytes(field == Field.ETAG ? QUOTE_END : LINE_END);
    }

    /**
     * Writes the length of the body.
     *
     * @param out receives it
     * @param length in bytes
     */
    public void contentLength(ByteBuf out, long length) {
        out.writeBytes(Field.CONTENT_LENGTH.bytes());
        decimal(out, length);
        out.writeBytes(LINE_END);
    }

    /**
     * Writes when the record was last altered.
     *
     * @param out receives it
     * @param epochMillis milliseconds since the epoch
     */
    public void lastModified(ByteBuf out, long epochMillis) {
        field(out, Field.LAST_MODIFIED, HttpDate.format(epochMillis));
    }

    /**
     * Writes any other field.
     *
     * @param out receives it
     * @param name its name
     * @param value its value
     */
    public void field(ByteBuf out, String name, String value) {
        ByteBufUtil.writeAscii(out, name);
        out.writeByte(':').writeByte(' ');
        ByteBufUtil.writeUtf8(out, value);
        out.writeBytes(LINE_END);
    }

    /**
     * Ends the head.
     *
     * @param out receives the empty line
     */
    public void end(ByteBuf out) {
        out.writeBytes(LINE_END);
    }

    /**
     * The whole interim answer to {@code Expect: 100-continue}.
     *
     * @param out receives it
     */
    public static void continueAnswer(ByteBuf out) {
        out.writeBytes(CONTINUE);
    }

    /**
     * Begins a chunk of a body sent in chunks (RFC 9112 section 7.1); its bytes and {@link #endChunk} follow.
     *
     * @param out receives the size line
     * @param size at least 1
     */
    public static void beginChunk(ByteBuf out, int size) {
        ByteBufUtil.writeAscii(out, Integer.toHexString(size));
        out.writeBytes(LINE_END);
    }

    /**
     * Ends a chunk.
     *
     * @param out receives the line end
     */
    public static void endChunk(ByteBuf out) {
        out.writeBytes(LINE_END);
    }

    /**
     * Ends a body sent in chunks.
     *
     * @param out receives the last chunk and the empty trailer
     */
    public static void endChunks(ByteBuf out) {
        out.writeByte('0').writeBytes(LINE_END).writeBytes(LINE_END);
    }

    /**
     * Whether a text can stand in a header field without breaking the head apart.
     *
     * @param value a value from outside
     * @return false if it holds control characters
     */
    public static boolean isFieldValue(String value) {
        return value.chars().noneMatch(c -> c < 0x20 && c != '\t' || c == 0x7f);
    }

    private static void decimal(ByteBuf out, long value) {
        if (value >= 10) {
            decimal(out, value / 10);
        }
        out.writeByte('0' + (int) (value % 10));
    }
}
