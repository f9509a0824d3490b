package org.millrace.plugin.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * Keeps the part of {@code docs/http-conformance.md} that is about event streams what the tests say; with
 * {@code -Dmillrace.write-pages=true} it is written anew.
 */
class ConformanceSectionTest {
    private static final Path PAGE = Path.of("../../docs/http-conformance.md");
    /** Between words of a method's name, of which some have one letter. */
    private static final String WORDS = "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])";

    private static final String BEGIN = "\n## Event streams ";

    private static String section() {
        StringBuilder text = new StringBuilder("""

            ## Event streams (WHATWG HTML section 9.2)

            `EventStreamRulesTest` has a parser written after the standard's rules for a page, checks it against the
            standard's own examples, and reads with it what the plugin writes; `SseStreamTest` follows streams as they come.
            What Chromium's `EventSource` makes of them, a host that is killed in between included, is in `WebClientsIT`.

            | rule | in |
            |---|---|
            """);
        rows(text, EventStreamRulesTest.class);
        rows(text, SseStreamTest.class);
        return text.toString();
    }

    private static void rows(StringBuilder text, Class<?> tests) {
        Arrays.stream(tests.getDeclaredMethods())
                .filter(m -> m.isAnnotationPresent(Test.class) || m.isAnnotationPresent(ParameterizedTest.class))
                .map(Method::getName)
                .sorted(Comparator.naturalOrder())
                .forEach(name -> text.append("| %s | `%s` |\n".formatted(sentence(name), tests.getSimpleName())));
    }

    private static String sentence(String name) {
        return name.replaceAll(WORDS, " ").toLowerCase(Locale.ROOT);
    }

    @Test
    void sectionSaysWhatTheTestsSay() throws IOException {
        String section = section();
        String before = Files.readString(PAGE, StandardCharsets.UTF_8);
        int begin = before.indexOf(BEGIN);
        assertThat(begin).as("where the part about event streams begins").isPositive();
        if (Boolean.getBoolean("millrace.write-pages")) {
            Files.writeString(PAGE, before.substring(0, begin) + section);
        }
        String page = Files.readString(PAGE, StandardCharsets.UTF_8);
        assertThat(page.substring(page.indexOf(BEGIN)))
                .as("docs/http-conformance.md; write it anew with -Dmillrace.write-pages=true")
                .isEqualTo(section);
    }
}
