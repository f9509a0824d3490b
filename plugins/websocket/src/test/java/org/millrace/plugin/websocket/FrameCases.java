package org.millrace.plugin.websocket;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a client sends, and what must come back, for one case of the Autobahn WebSocket test suite. The expectation is in
 * words: {@code text 5} and {@code binary 5} for an echo of so many bytes, {@code pong} with its bytes in hexadecimal,
 * {@code close 1002}.
 */
final class FrameCases {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CONTINUATION = 0;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** One case. */
    record Case(String id, List<byte[]> sent, int chop, List<String> expected) {
        /** The same, sent in pieces of so many bytes. */
        Case chopped(String as, int size) {
            return new Case(as, sent, size, expected);
        }

        @Override
        public String toString() {
            return id;
        }
    }

    private final String id;
    private final List<byte[]> sent = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    private FrameCases(String id) {
        this.id = id;
    }

    static FrameCases of(String id) {
        return new FrameCases(id);
    }

    FrameCases send(int opcode, boolean last, int reserved, byte[] payload) {
        sent.add(Wire.masked((last ? 0x80 : 0) | reserved << 4 | opcode, payload));
        return this;
    }

    FrameCases send(int opcode, boolean last, String payload) {
        return send(opcode, last, 0, payload.getBytes(StandardCharsets.UTF_8));
    }

    FrameCases send(int opcode, String payload) {
        return send(opcode, true, payload);
    }

    FrameCases sendHex(int opcode, boolean last, String hex) {
        return send(opcode, last, 0, HexFormat.of().parseHex(hex));
    }

    FrameCases sendSize(int opcode, boolean last, int size) {
        return send(opcode, last, 0, new byte[size]);
    }

    FrameCases close(int code, String reason) {
        byte[] utf8 = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[utf8.length + 2];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(utf8, 0, payload, 2, utf8.length);
        return send(CLOSE, true, 0, payload);
    }

    Case expect(String... answers) {
        expected.addAll(List.of(answers));
        return new Case(id, List.copyOf(sent), Integer.MAX_VALUE, expected);
    }
}
