package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keeps the part of {@code docs/http-conformance.md} that is about WebSocket what the tests say; with
 * {@code -Dmillrace.write-pages=true} it is written anew.
 */
class ConformanceSectionTest {
    private static final Path PAGE = Path.of("../../docs/http-conformance.md");
    /** Between words of a method's name, of which some have one letter. */
    private static final String WORDS = "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])";

    private static final String BEGIN = "\n## WebSocket ";
    private static final String END = "\n## Event streams ";

    private static String section() {
        StringBuilder text = new StringBuilder("""

            ## WebSocket (RFC 6455)

            The Autobahn suite is not part of the build, as its driver needs Python 2. Each of its groups of cases is a table
            of frames that `AutobahnCasesTest` sends, whole or chopped, to a record's URL, and every frame that comes back is
            compared. A message is echoed, since the client hears of its own changes.

            | group | about | cases here | end in a close code | numbers |
            |---|---|---|---|---|
            """);
        group(text, "1", "framing", AutobahnCasesTest.framing());
        group(text, "2", "pings and pongs", AutobahnCasesTest.pingsAndPongs());
        group(text, "3", "reserved bits", AutobahnCasesTest.reservedBits());
        group(text, "4", "opcodes", AutobahnCasesTest.opcodes());
        group(text, "5", "fragmentation", AutobahnCasesTest.fragmentation());
        group(text, "6", "UTF-8", AutobahnCasesTest.utf8());
        group(text, "7", "closing", AutobahnCasesTest.closing());
        group(text, "9, 10", "limits, automatic fragmentation", AutobahnCasesTest.limits());
        text.append("""

            Group 8 does not exist, and 11 is about the suite itself. Groups 12 and 13, compression (RFC 7692), are
            `DeflateTest`, with Java's own codec as the client:

            | rule | times |
            |---|---|
            """);
        for (Method rule : rules(DeflateTest.class)) {
            text.append("| ").append(sentence(rule.getName())).append(" | ");
            ParameterizedTest many = rule.getAnnotation(ParameterizedTest.class);
            text.append(many == null ? "1" : Integer.toString(values(rule))).append(" |\n");
        }
        return text.toString();
    }

    private static void group(StringBuilder text, String number, String about, Stream<FrameCases.Case> cases) {
        List<FrameCases.Case> all = cases.toList();
        long closing = all.stream()
                .filter(one -> one.expected().stream().anyMatch(word -> word.startsWith("close")))
                .count();
        String ids =
                all.stream().map(one -> one.id().split(" ", 2)[0]).distinct().collect(Collectors.joining(" "));
        text.append("| %s | %s | %d | %d | %s |\n".formatted(number, about, all.size(), closing, ids));
    }

    private static List<Method> rules(Class<?> tests) {
        return Arrays.stream(tests.getDeclaredMethods())
                .filter(m -> m.isAnnotationPresent(Test.class) || m.isAnnotationPresent(ParameterizedTest.class))
                .sorted(Comparator.comparing(Method::getName))
                .toList();
    }

    private static int values(Method rule) {
        CsvSource source = rule.getAnnotation(CsvSource.class);
        ValueSource plain = rule.getAnnotation(ValueSource.class);
        if (source != null) {
            return source.value().length;
        }
        return plain == null ? 1 : Math.max(plain.ints().length, plain.strings().length);
    }

    private static String sentence(String name) {
        return name.replaceAll(WORDS, " ").toLowerCase(Locale.ROOT);
    }

    @Test
    void sectionSaysWhatTheTestsSay() throws IOException {
        String section = section();
        String before = Files.readString(PAGE, StandardCharsets.UTF_8);
        int begin = before.indexOf(BEGIN);
        int end = before.indexOf(END);
        assertThat(begin).as("where the part about WebSocket begins").isPositive();
        assertThat(end).as("where it ends").isGreaterThan(begin);
        if (Boolean.getBoolean("millrace.write-pages")) {
            Files.writeString(PAGE, before.substring(0, begin) + section + before.substring(end));
        }
        String page = Files.readString(PAGE, StandardCharsets.UTF_8);
        assertThat(page.substring(page.indexOf(BEGIN), page.indexOf(END)))
                .as("docs/http-conformance.md; write it anew with -Dmillrace.write-pages=true")
                .isEqualTo(section);
    }
}
