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

    private static final String KNOWN_512 = "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$"
            + "Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs7osCteF7W4A61dZDqSIqQjO+dxO6p5FT/Uy7QRBXSXA";

    @Test
    void matchesWhatAnotherImplementationHashed() {
        assertThat(PasswordHash.parse(KNOWN).matches("correct horse")).isTrue();
        assertThat(PasswordHash.parse(KNOWN).matches("correct horsf")).isFalse();
        assertThat(PasswordHash.parse(KNOWN_512).matches("correct horse")).isTrue();
        assertThat(PasswordHash.parse(KNOWN_512).matches("correct horsf")).isFalse();
        assertThat(PasswordHash.parse(KNOWN_512)).hasToString(KNOWN_512);
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
                "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$short",
                "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void aMalformedHashIsRefusedWithoutBeingRepeated(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PasswordHash.parse(text))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("AAEC"));
    }
}
