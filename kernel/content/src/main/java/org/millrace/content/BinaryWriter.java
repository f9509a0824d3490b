package org.millrace.content;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the writers of CBOR and MessagePack share. Both say how many items an array or map has before the items, which a
 * reader of JSON knows only behind them. So the heads of arrays and maps are left away at first, their places and
 * counts kept aside, and put in while {@link #finish} copies the bytes.
 */
abstract sealed class BinaryWriter extends ValueWriter permits CborWriter, MessagePackWriter {
    private byte[] buffer = new byte[256];
    private int length;

    private int[] headAt = new int[16];
    private int[] headCount = new int[16];
    private boolean[] headIsMap = new boolean[16];
    private int heads;

    private int[] open = new int[8];
    private int depth;

    /** How many bytes the head of an array or map of this many items or members takes. */
    abstract int headSize(int count);

    /** Writes the head of an array or map. */
    abstract void writeHead(byte[] target, int at, boolean map, int count);

    /** Writes an integer, as a value or as a member's name. */
    abstract void putInteger(long value);

    /** Writes a text, as a value or as a member's name. */
    abstract void putText(String text);

    @Override
    final void integer(long value) {
        item();
        putInteger(value);
    }

    @Override
    final void text(String value) {
        item();
        putText(value);
    }

    @Override
    final void key(String name) {
        member();
        putText(name);
    }

    @Override
    final void key(long name) {
        member();
        putInteger(name);
    }

    /** Counts a value in the array it is in; members of a map are counted by their names. */
    final void item() {
        if (depth > 0) {
            int head = open[depth - 1];
            if (!headIsMap[head]) {
                headCount[head]++;
            }
        }
    }

    /** Counts a member in the map it is in. */
    final void member() {
        headCount[open[depth - 1]]++;
    }

    private void start(boolean map) {
        item();
        if (heads == headAt.length) {
            headAt = Arrays.copyOf(headAt, heads * 2);
            headCount = Arrays.copyOf(headCount, heads * 2);
            headIsMap = Arrays.copyOf(headIsMap, heads * 2);
        }
        if (depth == open.length) {
            open = Arrays.copyOf(open, depth * 2);
        }
        headAt[heads] = length;
        headIsMap[heads] = map;
        open[depth++] = heads++;
    }

    @Override
    final void startArray() {
        start(false);
    }

    @Override
    final void endArray() {
        depth--;
    }

    @Override
    final void startMap() {
        start(true);
    }

    @Override
    final void endMap() {
        depth--;
    }

    @Override
    final void raw(byte[] bytes, int from, int to) {
        item();
        put(bytes, from, to);
    }

    /** A member's name that is in this writer's format already. */
    final void rawKey(byte[] bytes, int from, int to) {
        member();
        put(bytes, from, to);
    }

    @Override
    final int size() {
        return length + heads;
    }

    @Override
    final byte[] finish() {
        int total = length;
        for (int i = 0; i < heads; i++) {
            total = Math.addExact(total, headSize(headCount[i]));
        }
        byte[] all = new byte[total];
        int from = 0;
        int to = 0;
        for (int i = 0; i < heads; i++) {
            int run = headAt[i] - from;
            System.arraycopy(buffer, from, all, to, run);
            from += run;
            to += run;
            writeHead(all, to, headIsMap[i], headCount[i]);
            to += headSize(headCount[i]);
        }
        System.arraycopy(buffer, from, all, to, length - from);
        return all;
    }

    final void put(int oneByte) {
        ensure(1);
        buffer[length++] = (byte) oneByte;
    }

    /** A byte and behind it a number of 1, 2, 4 or 8 bytes in network order. */
    final void put(int head, long number, int size) {
        ensure(1 + size);
        buffer[length++] = (byte) head;
        putNumber(buffer, length, number, size);
        length += size;
    }

    final void put(byte[] bytes, int from, int to) {
        ensure(to - from);
        System.arraycopy(bytes, from, buffer, length, to - from);
        length += to - from;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void putNumber(byte[] target, int at, long number, int size) {
        for (int i = 0; i < size; i++) {
            target[at + i] = (byte) (number >>> 8 * (size - 1 - i));
        }
    }

    private void ensure(int more) {
        int needed = Math.addExact(length, more);
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, Math.min(buffer.length, Integer.MAX_VALUE / 2 - 8) * 2));
        }
    }
}
