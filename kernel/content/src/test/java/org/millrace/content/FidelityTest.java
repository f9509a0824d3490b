package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.content.Bytes.hex;
import static org.millrace.content.Bytes.json;
import static org.millrace.content.Bytes.utf8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** The table in the package's tour and in the user documentation, row by row. */
class FidelityTest {
    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(100_000));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0                      | 00                         | 00",
                "-1                     | 20                         | ff",
                "-0                     | 00                         | 00",
                "-9223372036854775808   | 3b7fffffffffffffff         | d38000000000000000",
                "18446744073709551615   | 1bffffffffffffffff         | cfffffffffffffffff",
                "-18446744073709551616  | 3bffffffffffffffff         | b52d3138343436373434303733373039353531363136",
                "18446744073709551616   | c249010000000000000000     | b43138343436373434303733373039353531363136",
                "-18446744073709551617  | c349010000000000000000     | b52d3138343436373434303733373039353531363137",
                "1.5                    | fb3ff8000000000000         | cb3ff8000000000000",
                "1.0                    | fb3ff0000000000000         | cb3ff0000000000000",
                "-0.0                   | fb8000000000000000         | cb8000000000000000",
                "0e999                  | fb0000000000000000         | cb0000000000000000",
                "1e400                  | c482190190 01              | a6 31452b343030",
                "1e-400                 | c48239018f 01              | a6 31452d343030",
                "1e99999999999          | 6d 31653939393939393939393939 | ad 31653939393939393939393939",
                "\"é\"                  | 62c3a9                     | a2c3a9",
                "{\"a\":null}           | a16161f6                   | 81a161c0",
            })
    void jsonBecomes(String json, String cbor, String messagePack) {
        Content content = formats.of(MediaType.JSON, utf8(json));

        assertThat(Bytes.hex(content.as(MediaType.CBOR))).isEqualTo(cbor.replace(" ", ""));
        assertThat(Bytes.hex(content.as(MediaType.MSGPACK))).isEqualTo(messagePack.replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "f93e00                     | 1.5                 | ca3fc00000", // half precision
                "fa3dcccccd                 | 0.10000000149011612 | ca3dcccccd", // single precision
                "fb3fb999999999999a         | 0.1                 | cb3fb999999999999a",
                "f98000                     | -0.0                | ca80000000",
                "f97e00                     | null                | ca7fc00000", // NaN
                "fa7f800000                 | null                | ca7f800000", // infinity
                "fbfff0000000000000         | null                | cbfff0000000000000",
                "f7                         | null                | c0", // undefined
                "f8ff                       | null                | c0", // an unassigned simple value
                "43010203                   | \"AQID\"            | c403010203",
                "42fbff                     | \"-_8\"             | c402fbff",
                "c249010000000000000000     | 18446744073709551616 | b43138343436373434303733373039353531363136",
                "c24101                     | 1                   | 01", // a bignum that needed to be none
                "c4822119 6ab3              | 273.15              | cb4071126666666666", // a decimal fraction
                "c4823863 01                | 1E-100              | cb2b2bff2ee48e0530",
                "c48232c249010000000000000001 | 1.8446744073709551617 | b5312e38343436373434303733373039353531363137",
                "c482 01 61 61              | [1,\"a\"]           | 9201a161", // no decimal fraction after all
                "c482 1b7fffffffffffffff 01 | [9223372036854775807,1] | 92cf7fffffffffffffff01",
                "c5822003                   | [-1,3]              | 92ff03", // any other tag
                "c074323031332d30332d32315432303a30343a30305a | \"2013-03-21T20:04:00Z\""
                        + " | b4323031332d30332d32315432303a30343a30305a",
                "c11a514b67b0               | 1363896240          | ce514b67b0",
                "a2010203 04                | {\"1\":2,\"3\":4}   | 82 01 02 03 04", // integer keys
                "a120f5                     | {\"-1\":true}       | 81ffc3",
                "a1f5 01                    | {\"true\":1}        | 81a4 74727565 01",
                "a1f6 01                    | {\"null\":1}        | 81a4 6e756c6c 01",
                "a1f93e00 01                | {\"1.5\":1}         | 81a3 312e35 01",
                "a1420102 01                | {\"AQI\":1}         | 81a3 415149 01",
                "a1c0613101                 | {\"1\":1}           | 81a13101",
            })
    void cborBecomes(String cbor, String json, String messagePack) {
        Content content = formats.of(MediaType.CBOR, hex(cbor));

        assertThat(json(content)).isEqualTo(json);
        assertThat(Bytes.hex(content.as(MediaType.MSGPACK))).isEqualTo(messagePack.replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ca3dcccccd                 | 0.10000000149011612 | fa3dcccccd",
                "cb3ff8000000000000         | 1.5                 | fb3ff8000000000000",
                "ca7fc00000                 | null                | fa7fc00000",
                "cb7ff0000000000000         | null                | fb7ff0000000000000",
                "cfffffffffffffffff         | 18446744073709551615 | 1bffffffffffffffff",
                "c403010203                 | \"AQID\"            | 43010203",
                "d6ff00000001               | \"1970-01-01T00:00:01Z\" | c0 74"
                        + " 313937302d30312d30315430303a30303a30315a",
                "d40501                     | {\"type\":5,\"data\":\"AQ\"} | a2 6474797065 05 6464617461 4101",
                "8101c3                     | {\"1\":true}        | a101f5",
                "81c3c2                     | {\"true\":false}    | a1 6474727565 f4",
                "81cfffffffffffffffffc0     | {\"18446744073709551615\":null}"
                        + " | a1 74 3138343436373434303733373039353531363135 f6",
            })
    void messagePackBecomes(String messagePack, String json, String cbor) {
        Content content = formats.of(MediaType.MSGPACK, hex(messagePack));

        assertThat(json(content)).isEqualTo(json);
        assertThat(Bytes.hex(content.as(MediaType.CBOR))).isEqualTo(cbor.replace(" ", ""));
    }

    @Test
    void namesThatComeTwiceAreAllConvertedAndTheLastCounts() {
        Content content = formats.of(MediaType.JSON, utf8("{\"a\":1,\"a\":2}"));

        assertThat(Bytes.hex(content.as(MediaType.CBOR))).isEqualTo("a2616101616102");
        assertThat(Document.of(content).get("a")).isEqualTo(new Value.Whole(2));
    }

    @Test
    void charactersBeyondTheBasicPlaneAreWrittenAsTheyAre() {
        assertThat(json(formats.of(MediaType.CBOR, hex("64f09f8dba")))).isEqualTo("\"\ud83c\udf7a\"");
    }

    @Test
    void headsTakeTheSizeTheirCountNeeds() {
        for (int count : new int[] {0, 15, 16, 23, 24, 255, 256, 20_000}) {
            String array = "[" + "1,".repeat(Math.max(0, count - 1)) + (count > 0 ? "1" : "") + "]";
            Content content = formats.of(MediaType.JSON, utf8("{\"a\":" + array + ",\"b\":" + "[]" + "}"));

            Content cbor = formats.of(MediaType.CBOR, content.as(MediaType.CBOR).toByteArray());
            Content messagePack =
                    formats.of(MediaType.MSGPACK, content.as(MediaType.MSGPACK).toByteArray());

            assertThat(cbor.size()).isEqualTo(1 + 2 + (count < 24 ? 1 : count < 256 ? 2 : 3) + count + 2 + 1);
            assertThat(messagePack.size()).isEqualTo(1 + 2 + (count < 16 ? 1 : 3) + count + 2 + 1);
            assertThat(json(cbor)).isEqualTo(Bytes.text(content));
            assertThat(json(messagePack)).isEqualTo(Bytes.text(content));
        }
    }

    @Test
    void arraysOfMoreThan65535ItemsAreConverted() {
        ContentFormats large = new ContentFormats(ContentLimits.ofSize(1_000_000));
        Content content = large.of(MediaType.JSON, utf8("[" + "1,".repeat(70_000) + "1]"));

        assertThat(content.as(MediaType.CBOR).size()).isEqualTo(70_001 + 5);
        assertThat(content.as(MediaType.MSGPACK).size()).isEqualTo(70_001 + 5);
        assertThat(json(large.of(MediaType.CBOR, content.as(MediaType.CBOR).toByteArray())))
                .isEqualTo(Bytes.text(content));
        assertThat(json(large.of(
                        MediaType.MSGPACK, content.as(MediaType.MSGPACK).toByteArray())))
                .isEqualTo(Bytes.text(content));
    }
}
