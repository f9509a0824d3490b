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

class CborValidationTest {
    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(100_000));

    /** RFC 8949 appendix A, as JSON. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "00 | 0",
                "17 | 23",
                "1818 | 24",
                "1903e8 | 1000",
                "1a000f4240 | 1000000",
                "1b000000e8d4a51000 | 1000000000000",
                "1bffffffffffffffff | 18446744073709551615",
                "c249010000000000000000 | 18446744073709551616",
                "3bffffffffffffffff | -18446744073709551616",
                "c349010000000000000000 | -18446744073709551617",
                "20 | -1",
                "3903e7 | -1000",
                "f90000 | 0.0",
                "f98000 | -0.0",
                "f93c00 | 1.0",
                "fb3ff199999999999a | 1.1",
                "f97bff | 65504.0",
                "fa47c35000 | 100000.0",
                "fa7f7fffff | 3.4028234663852886E38",
                "fb7e37e43c8800759c | 1.0E300",
                "f90001 | 5.960464477539063E-8",
                "fbc010666666666666 | -4.1",
                "f4 | false",
                "f5 | true",
                "f6 | null",
                "f7 | null",
                "f0 | null",
                "f8ff | null",
                "c074323031332d30332d32315432303a30343a30305a | \"2013-03-21T20:04:00Z\"",
                "c11a514b67b0 | 1363896240",
                "d74401020304 | \"AQIDBA\"",
                "d82076687474703a2f2f7777772e6578616d706c652e636f6d | \"http://www.example.com\"",
                "40 | \"\"",
                "60 | \"\"",
                "62225c | \"\\\"\\\\\"",
                "64f0908591 | \"\ud800\udd51\"",
                "80 | []",
                "8301820203820405 | [1,[2,3],[4,5]]",
                "a0 | {}",
                "a201020304 | {\"1\":2,\"3\":4}",
                "a26161016162820203 | {\"a\":1,\"b\":[2,3]}",
                "5f42010243030405ff | \"AQIDBAU\"",
                "7f657374726561646d696e67ff | \"streaming\"",
                "9fff | []",
                "9f018202039f0405ffff | [1,[2,3],[4,5]]",
                "bf61610161629f0203ffff | {\"a\":1,\"b\":[2,3]}",
                "826161bf61626163ff | [\"a\",{\"b\":\"c\"}]",
                "bf6346756ef563416d7421ff | {\"Fun\":true,\"Amt\":-2}"
            })
    void examplesOfTheRfcAreRead(String bytes, String expected) {
        assertThat(json(formats.of(MediaType.CBOR, hex(bytes)))).isEqualTo(expected);
    }

    /** RFC 8949 appendix F. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                // The input ends in a head.
                "18",
                "19",
                "1a",
                "1b",
                "19 01",
                "1a 01 02",
                "1b 01 02 03 04 05 06 07",
                "38",
                "58",
                "78",
                "98",
                "9a 01 ff 00",
                "b8",
                "d8",
                "f8",
                "f9 00",
                "fa 00 00",
                "fb 00 00 00",
                // Strings with short data.
                "41",
                "61",
                "5a ff ff ff ff 00",
                "5b ff ff ff ff ff ff ff ff 01 02 03",
                "7a ff ff ff ff 00",
                "7b 7f ff ff ff ff ff ff ff 01 02 03",
                // Arrays and maps not closed.
                "81",
                "81 81 81 81 81 81 81 81 81",
                "82 00",
                "a1",
                "a2 01 02",
                "a1 00",
                "a2 00 00 00",
                "9b ff ff ff ff ff ff ff ff",
                "bb 7f ff ff ff ff ff ff ff",
                // A tag without content.
                "c0",
                // Indefinite lengths not closed.
                "5f 41 00",
                "7f 61 00",
                "9f",
                "9f 01 02",
                "bf",
                "bf 01 02 01 02",
                "81 9f",
                "9f 80 00",
                "9f 9f 9f 9f 9f ff ff ff ff",
                "9f 81 9f 81 9f 9f ff ff ff",
                // Reserved additional information.
                "1c",
                "1d",
                "1e",
                "3c",
                "3d",
                "3e",
                "5c",
                "5d",
                "5e",
                "7c",
                "7d",
                "7e",
                "9c",
                "9d",
                "9e",
                "bc",
                "bd",
                "be",
                "dc",
                "dd",
                "de",
                "fc",
                "fd",
                "fe",
                // Simple values below 32 in two bytes.
                "f8 00",
                "f8 01",
                "f8 18",
                "f8 1f",
                // Chunks of another kind, or of indefinite length themselves.
                "5f 00 ff",
                "5f 21 ff",
                "5f 61 00 ff",
                "5f 80 ff",
                "5f a0 ff",
                "5f c0 00 ff",
                "5f e0 ff",
                "7f 41 00 ff",
                "5f 5f 41 00 ff ff",
                "7f 7f 61 00 ff ff",
                // Breaks where none may be.
                "ff",
                "81 ff",
                "82 00 ff",
                "a1 ff",
                "a1 ff 00",
                "a1 00 ff",
                "a2 00 00 ff",
                "9f 81 ff",
                "9f 82 9f 81 9f 9f ff ff ff ff",
                "bf 00 ff",
                "bf 00 00 00 ff",
                "c1 ff",
                // Integers and tags of indefinite length.
                "1f",
                "3f",
                "df"
            })
    void examplesOfTheRfcThatAreNotWellFormedAreRefused(String bytes) {
        assertThat(refusal(bytes).code()).isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void nothingAtAllIsRefused() {
        assertThat(refusal("").code()).isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void sequenceOfSeveralValuesIsRefused() {
        assertThat(refusal("01 02"))
                .hasMessage("malformed CBOR at byte 1: 1 bytes follow the value; a content is exactly one");
    }

    @Test
    void textThatIsNotUtf8IsRefusedWithItsPlace() {
        assertThat(refusal("82 00 62 61 ff")).hasMessage("malformed CBOR at byte 4: text is not UTF-8");
        assertThat(refusal("7f 61 c3 61 a9 ff")).hasMessageContaining("byte 2");
    }

    @Test
    void keysThatAreNoScalarsAreRefused() {
        assertThat(refusal("a1 80 00")).hasMessageContaining("byte 1").hasMessageContaining("key");
        assertThat(refusal("a1 a0 00").code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refusal("a1 c1 80 00").code()).isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void depthIsBounded() {
        assertThat(formats.of(MediaType.CBOR, hex("81".repeat(255) + "80")).isStructured())
                .isTrue();
        assertThat(refusal("81".repeat(256) + "80").code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refusal("9f".repeat(5_000)).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void manyTagsOnOneValueAreNoDepth() {
        assertThat(json(formats.of(MediaType.CBOR, hex("d8 63".repeat(5_000) + "07"))))
                .isEqualTo("7");
    }

    @Test
    void bignumsOfTooManyDigitsAreRefused() {
        String largest = "c2 59 019f" + "ff".repeat(415);

        assertThat(json(formats.of(MediaType.CBOR, hex(largest)))).hasSizeLessThanOrEqualTo(1_000);
        assertThat(refusal("c2 59 01a0" + "ff".repeat(416)).code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refusal("c4 82 00 c2 59 01a0" + "ff".repeat(416)).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    private ResourceException refusal(String bytes) {
        ResourceException refusal =
                catchThrowableOfType(ResourceException.class, () -> formats.of(MediaType.CBOR, hex(bytes)));
        assertThat(refusal).as("refusal of %s", bytes).isNotNull();
        return refusal;
    }
}
