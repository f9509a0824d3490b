package org.millrace.examples.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "*, any/thing, true",
        "h?llo, hallo, true",
        "h?llo, hllo, false",
        "h[ae]llo, hello, true",
        "h[^e]llo, hello, false",
        "h[a-c]llo, hbllo, true",
        "news.*, news.art, true",
        "news.*, old.news.art, false",
        "*.art, news.art, true",
        "a*b*c, aXXbYYbc, true",
        "a*b*c, aXXbYYb, false",
        "\\*, *, true",
        "\\*, x, false",
        "abc, abcd, false",
    })
    void patternMatchesAsInRedis(String pattern, String text, boolean expected) {
        assertThat(new Glob(pattern).matches(text)).isEqualTo(expected);
    }

    @Test
    void literalLevelsEndBeforeTheFirstWildcardsLevel() {
        assertThat(new Glob("sensors/hall/t*").literalLevels()).isEqualTo("sensors/hall/");
        assertThat(new Glob("news.*").literalLevels()).isEmpty();
        assertThat(new Glob("*/a").literalLevels()).isEmpty();
    }
}
