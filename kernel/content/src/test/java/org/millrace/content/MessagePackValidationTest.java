package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.millrace.content.Bytes.hex;
import static org.millrace.content.Bytes.json;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class MessagePackValidationTest {
    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(100_000));

    /** One of each head of the specification. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "00 | 0",
                "7f | 127",
                "e0 | -32",
                "ff | -1",
                "80 | {}",
                "81 a161 01 | {\"a\":1}",
                "90 | []",
                "92 01 c3 | [1,true]",
                "a0 | \"\"",
                "a3 e282ac | \"€\"",
                "c0 | null",
                "c2 | false",
                "c3 | true",
                "c4 02 00ff | \"AP8\"",
                "c5 0001 01 | \"AQ\"",
                "c6 00000001 01 | \"AQ\"",
                "c7 03 05 010203 | {\"type\":5,\"data\":\"AQID\"}",
                "c8 0001 05 01 | {\"type\":5,\"data\":\"AQ\"}",
                "c9 00000001 05 01 | {\"type\":5,\"data\":\"AQ\"}",
                "ca 3f800000 | 1.0",
                "cb 3ff199999999999a | 1.1",
                "cc ff | 255",
                "cd ffff | 65535",
                "ce ffffffff | 4294967295",
                "cf ffffffffffffffff | 18446744073709551615",
                "d0 80 | -128",
                "d1 8000 | -32768",
                "d2 80000000 | -2147483648",
                "d3 8000000000000000 | -9223372036854775808",
                "d4 80 01 | {\"type\":-128,\"data\":\"AQ\"}",
                "d5 01 0102 | {\"type\":1,\"data\":\"AQI\"}",
                "d6 01 01020304 | {\"type\":1,\"data\":\"AQIDBA\"}",
                "d7 01 0102030405060708 | {\"type\":1,\"data\":\"AQIDBAUGBwg\"}",
                "d8 01 0102030405060708090a0b0c0d0e0f10 | {\"type\":1,\"data\":\"AQIDBAUGBwgJCgsMDQ4PEA\"}",
                "d9 01 61 | \"a\"",
                "da 0001 61 | \"a\"",
                "db 00000001 61 | \"a\"",
                "dc 0001 c0 | [null]",
                "dd 00000001 c0 | [null]",
                "de 0001 a161 c0 | {\"a\":null}",
                "df 00000001 a161 c0 | {\"a\":null}",
                "d6 ff 5a497ac5 | \"2018-01-01T00:03:17Z\"",
                "d7 ff a1dcd7c8 5a497ac5 | \"2018-01-01T00:03:17.678901234Z\"",
                "c7 0c ff 3b9ac9ff ffffffffffffffff | \"1969-12-31T23:59:59.999999999Z\"",
                // No date RFC 3339 can say: nanoseconds of a second and more, and a year beyond 9999.
                "c7 0c ff 3b9aca00 0000000000000000 | {\"type\":-1,\"data\":\"O5rKAAAAAAAAAAAA\"}",
                "c7 0c ff 00000000 7fffffffffffffff | {\"type\":-1,\"data\":\"AAAAAH__________\"}",
                "d4 ff 01 | {\"type\":-1,\"data\":\"AQ\"}",
            })
    void everyFormIsRead(String bytes, String expected) {
        assertThat(json(formats.of(MediaType.MSGPACK, hex(bytes)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c1",
                "91 c1",
                "cc",
                "cd 00",
                "ce 000000",
                "cf 00",
                "ca 00",
                "cb 00",
                "a1",
                "d9 01",
                "da 00",
                "c4 01",
                "c6 ffffffff 00",
                "db ffffffff 00",
                "91",
                "dc 0001",
                "dd ffffffff 00",
                "df 7fffffff 00",
                "81 a161",
                "de 0001 a161",
                "c7 01 05",
                "d6 ff 00",
                "d8 01 00",
                "c7 0c ff 00",
                "90 90",
                "01 02"
            })
    void malformedIsRefused(String bytes) {
        assertThat(refusal(bytes).code()).isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void refusalNamesThePlace() {
        assertThat(refusal("92 01 c1")).hasMessage("malformed MessagePack at byte 2: 0xc1 is no head of a value");
        assertThat(refusal("92 a2 61ff 01")).hasMessage("malformed MessagePack at byte 3: text is not UTF-8");
    }

    @Test
    void keysThatAreNoScalarsAreRefused() {
        assertThat(refusal("81 90 01")).hasMessageContaining("byte 1").hasMessageContaining("key");
        assertThat(refusal("81 80 01").code()).isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void depthIsBounded() {
        assertThat(formats.of(MediaType.MSGPACK, hex("91".repeat(255) + "90")).isStructured())
                .isTrue();
        assertThat(refusal("91".repeat(256) + "90").code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    private ResourceException refusal(String bytes) {
        ResourceException refusal =
                catchThrowableOfType(ResourceException.class, () -> formats.of(MediaType.MSGPACK, hex(bytes)));
        assertThat(refusal).as("refusal of %s", bytes).isNotNull();
        return refusal;
    }
}
