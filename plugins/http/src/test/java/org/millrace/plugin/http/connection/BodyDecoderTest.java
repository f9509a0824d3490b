package org.millrace.plugin.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {
    private final byte[] body = new byte[300_000];

    private byte[] coded() throws IOException {
        new Random(1).nextBytes(body);
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(coded)) {
            gzip.write(body);
        }
        return coded.toByteArray();
    }

    private static byte[] decode(byte[] coded, int part) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BodyDecoder decoder = new BodyDecoder("gzip")) {
            for (int from = 0; from < coded.length; from += part) {
                decoder.input(Arrays.copyOfRange(coded, from, Math.min(coded.length, from + part)));
                for (ByteBuffer piece = decoder.next(); piece.hasRemaining(); piece = decoder.next()) {
                    out.write(piece.array(), 0, piece.remaining());
                }
            }
            decoder.end();
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000, 64 * 1024, 200_000, 1_000_000})
    void partsOfAnySizeGiveTheBody(int part) throws IOException {
        byte[] coded = coded();
        assertThat(decode(coded, part)).isEqualTo(body);
    }

    @Test
    void aHeadThatDoesNotEndIsRefused() {
        byte[] head = new byte[70_000];
        Arrays.fill(head, (byte) 'x');
        System.arraycopy(new byte[] {0x1f, (byte) 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0}, 0, head, 0, 10);
        assertThatThrownBy(() -> decode(head, 1_000)).hasMessageContaining("longer than it says");
    }

    @Test
    void whatComesBehindTheTailIsRefused() throws IOException {
        byte[] coded = coded();
        assertThatThrownBy(() -> decode(Arrays.copyOf(coded, coded.length + 1), 1_000))
                .hasMessageContaining("checksum or length");
    }
}
