package org.millrace.plugin.websocket.envelope;

import io.netty.buffer.ByteBuf;

/** Writes the parts of maps and lists in one format. Safe for use by any thread. */
public interface Encoding {
    /**
     * How many bytes a map takes beside its fields.
     *
     * @param fields how many it has
     * @param separators how many separators are written between them by the caller
     */
    int around(int fields, int separators);

    /** Begins a map of so many fields, at most 65,535. */
    void openMap(ByteBuf out, int fields);

    /** Ends a map. */
    void closeMap(ByteBuf out);

    /** What stands between two fields or elements. */
    void separate(ByteBuf out);

    /** Begins a list of so many elements, at most 65,535. */
    void openList(ByteBuf out, int elements);

    /** Ends a list. */
    void closeList(ByteBuf out);

    /** A field's name, which must need no escapes. */
    void name(ByteBuf out, String name);

    /** A text. */
    void text(ByteBuf out, String text);

    /** A whole number. */
    void integer(ByteBuf out, long number);

    /** Bytes. */
    void bytes(ByteBuf out, byte[] bytes);
}
