package org.millrace.spi.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
    @Test
    void readsItsOwnText() {
        Cursor cursor = new Cursor(-2L, Long.MAX_VALUE);

        assertThat(Cursor.parse(cursor.toString())).isEqualTo(cursor);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "1", "1.", ".1", "1.-1", "zz.1", "1.1.1"})
    void anythingElseIsRefusedWithARemedy(String text) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> Cursor.parse(text))
                .withMessageContaining("exactly as it was received")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }
}
