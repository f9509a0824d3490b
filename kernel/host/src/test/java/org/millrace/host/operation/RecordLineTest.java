package org.millrace.host.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

class RecordLineTest {
    private final ContentFormats formats = new ContentFormats(new ContentLimits(1 << 20, 256));
    private final RecordLine lines = new RecordLine(formats);

    private Entry entry(MediaType type, byte[] bytes) {
        return new Entry(
                Path.of("sensors/hall \"1\"/é"),
                formats.of(type, bytes),
                new Version(5, 6),
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}",
                "1",
                "-1.50",
                "1e400",
                "123456789012345678901234567890",
                "\"text with \\n and \\u00e9\"",
                "null",
                "true",
                "[1, 2 , {\"x\":[]}]",
                "  {\"b\": 2}  "
            })
    void jsonComesBackAsItIs(String json) {
        Entry entry = entry(MediaType.JSON, utf8(json));
        Write.Put put = lines.decode(RecordLine.encode(entry));
        assertThat(put.path()).isEqualTo(entry.path());
        assertThat(new String(put.content().toByteArray(), StandardCharsets.UTF_8))
                .isEqualTo(json.strip());
    }

    @Test
    void lineBreaksBetweenThePartsOfJsonBecomeSpaces() {
        byte[] line = RecordLine.encode(entry(MediaType.JSON, utf8("{\r\n  \"a\": 1\n}")));
        assertThat(new String(line, StandardCharsets.UTF_8))
                .doesNotContain("\n", "\r")
                .contains("{    \"a\": 1 }");
    }

    @Test
    void otherTypesComeBackByteForByte() {
        Entry cbor = entry(MediaType.CBOR, new byte[] {(byte) 0xa1, 0x61, 0x61, 0x01});
        assertThat(lines.decode(RecordLine.encode(cbor)).content()).isEqualTo(cbor.content());
        Entry image = entry(new MediaType("image/png"), new byte[] {0, 10, 13, -1});
        assertThat(lines.decode(RecordLine.encode(image)).content()).isEqualTo(image.content());
    }

    @Test
    void expiryQosAndPropertiesComeBack() {
        Entry entry = new Entry(
                Path.of("a/b"),
                formats.of(MediaType.JSON, utf8("1")),
                new Version(5, 6),
                Properties.of(List.of(
                        new Properties.Text("unit", "°C"), new Properties.Binary("$correlation", new byte[] {1, 2}))),
                Instant.parse("2030-01-02T03:04:05.678Z"),
                Qos.AT_LEAST_ONCE);
        WriteOptions options = lines.decode(RecordLine.encode(entry)).options();
        assertThat(options.properties()).isEqualTo(entry.properties());
        assertThat(options.expiresAt()).isEqualTo(entry.expiresAt());
        assertThat(options.qos()).isEqualTo(entry.qos());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1] | object was expected",
                "{\"path\":\"a/b\",\"content\":1} x | malformed JSON at column 28",
                "{\"path\":\"a/b\",\"content\":1} {} | behind the object",
                "{\"path\":\"a/b\" | malformed JSON at column 14",
                "{\"content\":1} | 'path' is missing",
                "{\"path\":\"a/b\"} | 'content' or 'base64' is missing",
                "{\"path\":7,\"content\":1} | 'path' must be a string",
                "{\"path\":\"a/b\",\"content\":1,\"base64\":\"\"} | both",
                "{\"path\":\"a/b\",\"base64\":\"*\"} | not base64",
                "{\"path\":\"a/b\",\"base64\":\"ow==\",\"type\":\"application/cbor\"} | malformed CBOR",
                "{\"path\":\"a/b\",\"content\":1,\"type\":\"image/png\"} | use 'base64'",
                "{\"path\":\"a/b\",\"content\":1,\"expires\":\"soon\"} | write a time",
                "{\"path\":\"a/b\",\"content\":1,\"qos\":3} | must be 0, 1 or 2",
                "{\"path\":\"a/b\",\"content\":1,\"version\":\"x\"} | no version",
                "{\"path\":\"a/b\",\"content\":1,\"colour\":1} | 'colour' is unknown",
                "{\"path\":\"a/b\",\"path\":\"c\",\"content\":1} | Duplicate",
                "{\"path\":\"a/+\",\"content\":1} | +",
                "{\"path\":\"a/b\",\"content\":1,\"properties\":[{\"name\":\"x\"}]} | either value or base64",
                "{\"path\":\"a/b\",\"content\":1,\"properties\":{}} | array of objects"
            })
    void aMalformedLineIsRefusedWithItsReason(String line, String reason) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> lines.decode(utf8(line)))
                .withMessageContaining(reason);
    }
}
