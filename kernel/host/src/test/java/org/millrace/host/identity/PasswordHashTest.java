package org.millrace.host.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {
    /** Computed with Python's hashlib.pbkdf2_hmac("sha256", b"correct horse", bytes(range(16)), 1000). */
    private static final String KNOWN =
            "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ";

    @Test
    void matchesWhatAnotherImplementationHashed() {
        assertThat(PasswordHash.parse(KNOWN).matches("correct horse")).isTrue();
        assertThat(PasswordHash.parse(KNOWN).matches("correct horsf")).isFalse();
    }

    @Test
    void readsItsOwnText() {
        PasswordHash hash = PasswordHash.of("päss");

        assertThat(PasswordHash.parse(hash.toString()).matches("päss")).isTrue();
        assertThat(PasswordHash.isHash(hash.toString())).isTrue();
    }

    @Test
    void twoHashesOfOnePasswordDiffer() {
        assertThat(PasswordHash.of("a"))
                .doesNotHaveToString(PasswordHash.of("a").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$pbkdf2-sha256$",
                "$pbkdf2-sha256$i=1$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$pbkdf2-sha256$i=99999999$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$short"
            })
    void aMalformedHashIsRefusedWithoutBeingRepeated(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PasswordHash.parse(text))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("AAEC"));
    }
}
