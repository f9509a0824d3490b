package org.millrace.spi.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.resource.ResourceException;

class MediaTypeTest {
    @ParameterizedTest
    @CsvSource({
        "application/json, application/json",
        "Application/JSON; charset=utf-8, application/json",
        "text/json, application/json",
        "application/x-msgpack, application/msgpack",
        "application/vnd.msgpack, application/msgpack",
        "image/svg+xml, image/svg+xml",
    })
    void parametersAreLeftAwayAndSynonymsFolded(String text, String name) {
        assertThat(MediaType.parse(text)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "json", "/json", "application/", "a/b/c", "a b/c", "a/b\r\nX: y"})
    void whatIsNoMediaTypeIsRefused(String text) {
        assertThatExceptionOfType(ResourceException.class).isThrownBy(() -> MediaType.parse(text));
    }

    @Test
    void aLongTextIsNotRepeatedInFull() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> MediaType.parse("x".repeat(10_000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(150));
    }
}
