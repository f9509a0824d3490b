package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Keeps {@code docs/http-conformance.md} what the tests say. Each of its rows is a case of a test in this module; with
 * {@code -Dmillrace.write-pages=true} the page is written anew.
 */
class ConformancePageTest {
    private static final Path PAGE = Path.of("../../docs/http-conformance.md");

    /** Where this plugin's part of the page ends. */
    private static final String NEXT = "\n## WebSocket ";

    private static String page() {
        StringBuilder page = new StringBuilder("""
            # HTTP: what is tested

            This page is written by tests from the cases that they run, and fails them if it is out of date: its first part by
            `ConformancePageTest` in `plugins/http`, [WebSocket](#websocket-rfc-6455) and [event
            streams](#event-streams-whatwg-html-section-92) by `ConformanceSectionTest` in their plugins.

            ## Conditions (RFC 9110 section 13.2.2)

            `ConditionPrecedenceTest` sends every combination of the four conditions and of the values that make each hold or
            fail, and compares the answer with the section's steps.

            | method | record | combinations | 2xx | 304 | 404 | 412 |
            |---|---|---|---|---|---|---|
            """);
        for (String method : new String[] {"GET", "PUT", "PATCH", "DELETE"}) {
            for (boolean exists : new boolean[] {true, false}) {
                var cases = ConditionPrecedenceTest.cases()
                        .filter(c -> c.method().equals(method) && c.exists() == exists)
                        .toList();
                if (!cases.isEmpty()) {
                    page.append("| `%s` | %s | %d |".formatted(method, exists ? "there" : "absent", cases.size()));
                    for (int status : new int[] {0, 304, 404, 412}) {
                        page.append(" %d |"
                                .formatted(cases.stream()
                                        .filter(c -> c.expected() == status)
                                        .count()));
                    }
                    page.append('\n');
                }
            }
        }
        page.append("""

            ## Malformed requests of HTTP/1.1 (RFC 9112)

            `MalformedRequestTest`: each is answered with the status as `application/problem+json`, logged in one line, and the
            connection closed; nothing behind it is taken for a request.

            | request | status |
            |---|---|
            """);
        MalformedRequestTest.malformed().forEach(a -> page.append("| %s | %s |\n".formatted(a.get()[0], a.get()[1])));
        page.append("""

            ## Paths that are refused

            400 each; the connection goes on.

            | path | the answer names |
            |---|---|
            """);
        MalformedRequestTest.refusedPaths()
                .forEach(a -> page.append("| `%s` | %s |\n".formatted(a.get()[0], a.get()[1])));
        page.append("""

            ## Frames of HTTP/2 that are refused (RFC 9113)

            h2spec is not part of the build; `Http2FramesTest` sends the frames of its groups itself, by section. What
            h2spec finds, and how to run it, is said in [http.md](http.md#http2). These end the connection with GOAWAY:

            """);
        rows(page, Http2FramesTest.errorsOfTheConnection());
        page.append("\nThese reset the stream, and the connection goes on:\n\n");
        rows(page, Http2FramesTest.errorsOfAStream());
        return page.toString();
    }

    private static void rows(StringBuilder page, Stream<Arguments> cases) {
        page.append("| case |\n|---|\n");
        cases.forEach(a -> page.append("| %s |\n".formatted(a.get()[0])));
    }

    @Test
    void pageSaysWhatTheTestsSay() throws IOException {
        String page = page();
        String before = Files.readString(PAGE, StandardCharsets.UTF_8);
        int end = before.indexOf(NEXT);
        assertThat(end).as("where the part of the websocket plugin begins").isPositive();
        if (Boolean.getBoolean("millrace.write-pages")) {
            Files.writeString(PAGE, page + before.substring(end));
        }
        assertThat(Files.readString(PAGE, StandardCharsets.UTF_8).split(NEXT, 2)[0])
                .as("docs/http-conformance.md; write it anew with -Dmillrace.write-pages=true")
                .isEqualTo(page);
    }
}
