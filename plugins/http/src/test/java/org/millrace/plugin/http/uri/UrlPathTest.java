package org.millrace.plugin.http.uri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.spi.resource.Path;

class UrlPathTest {
    @ParameterizedTest
    @CsvSource({
        "/sensors/hall/1, sensors/hall/1",
        "/alarm, alarm",
        "//a, /a",
        "///, //",
        "/a//b, a//b",
        "/a/b/, a/b/",
        "/t%2F, t/",
        "/%2Fa, /a",
        "/a%2Fb, a/b",
        "/a%2fb/, a/b/",
        "/%2F, /",
        "/$sys/health, $sys/health",
        "/a/b%20c, 'a/b c'",
        "/a/%C3%BC, a/\u00fc",
        "/a/%F0%9F%98%80, a/\ud83d\ude00",
        "/a/%25zz, a/%zz",
        "/a/%2E%2E/b, a/../b",
        "/%2e, .",
        "/a/..., a/...",
        "/a/.b, a/.b",
        "/a/x.json, a/x.json",
        "/a:b@c/;d=1!$&'()*, 'a:b@c/;d=1!$&''()*'",
    })
    void namesARecord(String url, String path) {
        assertThat(Target.of(url)).isEqualTo(new Target.Record(Path.of(path)));
    }

    @ParameterizedTest
    @CsvSource({"/t/, t", "/a%20b/, a b", "//, ''", "/$sys/, $sys", "/%C3%BC/, \u00fc"})
    void namesACollection(String url, String table) {
        assertThat(Target.of(url)).isEqualTo(new Target.Collection(table));
    }

    @Test
    void slashAloneIsTheIndex() {
        assertThat(Target.of("/")).isEqualTo(Target.INDEX);
        assertThat(Target.of("*")).isEqualTo(Target.SERVER);
    }

    @ParameterizedTest
    @CsvSource({
        "http://host/a/b, /a/b, ''",
        "HTTP://host:80, /, ''",
        "https://host?x=1, /, x=1",
        "/a?b?c, /a, b?c",
        "/a?, /a, ''",
    })
    void targetsAreTakenApart(String target, String path, String query) {
        assertThat(RequestTarget.parse(target)).isEqualTo(new RequestTarget(path, query));
    }

    @ParameterizedTest
    @ValueSource(strings = {"t/", "/", "//", "a/../b", ".", "..", "...", "a/.", "./", "%2F", "a b", "?x", "a/b/"})
    void oddPathsSurviveTheRoundTrip(String path) {
        assertRoundTrip(path);
    }

    @Test
    void everyLegalPathSurvivesTheRoundTrip() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            String path = randomPath(random);
            try {
                assertRoundTrip(path);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", path '" + path + "'", e);
            }
        }
    }

    private static String randomPath(Random random) {
        int length = 1 + random.nextInt(12);
        StringBuilder path = new StringBuilder();
        while (path.length() < length) {
            int codePoint = switch (random.nextInt(6)) {
                case 0, 1 -> '/';
                case 2 -> '.';
                case 3 -> 1 + random.nextInt(0x7f);
                case 4 -> 0x80 + random.nextInt(0x700);
                default -> 1 + random.nextInt(0x10ffff);
            };
            boolean legal = codePoint != '+' && codePoint != '#' && (codePoint < 0xd800 || codePoint > 0xdfff);
            if (legal) {
                path.appendCodePoint(codePoint);
            }
        }
        return path.toString();
    }

    private static void assertRoundTrip(String path) {
        String url = UrlPath.encode(Path.of(path));
        assertThat(url).matches("/[\\x21-\\x7e]*");
        RequestTarget target = RequestTarget.parse(url);
        assertThat(target.query()).isEmpty();
        assertThat(Target.of(target.path())).isEqualTo(new Target.Record(Path.of(path)));
    }

    @Test
    void randomUrlsAreReadOrRefusedButNeverBreak() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "/%.aF02cCeE8\u00fc~";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder url = new StringBuilder("/");
            for (int i = random.nextInt(10); i > 0; i--) {
                url.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                Target target = Target.of(url.toString());
                if (target instanceof Target.Record(var path)) {
                    assertThat(Target.of(UrlPath.encode(path)))
                            .as("seed %d", seed)
                            .isEqualTo(target);
                }
            } catch (ProblemException e) {
                assertThat(e.problem().status()).as("seed %d, %s", seed, url).isEqualTo(400);
            }
        }
    }

    @Test
    void pathBeyondTheLimitIsTooLong() {
        assertThatThrownBy(() -> Target.of("/a/" + "b".repeat(Path.MAX_BYTES)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().status()).isEqualTo(414));
    }
}
