package org.millrace.spi.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {
    /** The examples of MQTT 5 sections 4.7.1.2, 4.7.1.3 and 4.7.2, and the corners beside them. */
    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#, sport/tennis/player1, true",
        "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
        "sport/tennis/player1/#, sport/tennis/player2, false",
        "sport/#, sport, true",
        "sport/#, sports, false",
        "#, sport/tennis, true",
        "#, /, true",
        "sport/tennis/+, sport/tennis/player1, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "+/tennis/#, sport/tennis, true",
        "+/#, sport, true",
        "a/+/c, a//c, true",
        "a//c, a/c, false",
        "#, $SYS/x, false",
        "+/monitor/Clients, $SYS/monitor/Clients, false",
        "$SYS/#, $SYS/x, true",
        "$SYS/monitor/+, $SYS/monitor/Clients, true",
        "/a, a, false",
        "a, a, true",
        "a, A, false",
    })
    void matchesAsTheSpecificationSays(String filter, String topic, boolean expected) {
        assertThat(TopicFilter.of(filter).matches(Path.of(topic))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "a/b+/c", "#/a", "a\u0000", "\ud800"})
    void illegalFiltersAreRefused(String text) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> TopicFilter.of(text))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "#", "/", "+/+/#", "a b", "/#"})
    void legalFiltersKeepTheirText(String text) {
        assertThat(TopicFilter.of(text)).hasToString(text);
    }

    @Test
    void theFilterOfATableMatchesItsIdsAndItsOwnRecord() {
        TopicFilter table = TopicFilter.table("sensors");

        assertThat(table.matches(Path.of("sensors/a/b"))).isTrue();
        assertThat(table.matches(Path.of("sensors"))).isTrue();
        assertThat(table.matches(Path.of("sensors2/a"))).isFalse();
    }

    @Test
    void onlyAFilterWithoutWildcardsIsExact() {
        assertThat(TopicFilter.exactly(Path.of("a/b")).isExact()).isTrue();
        assertThat(TopicFilter.of("a/+").isExact()).isFalse();
    }

    @Test
    void agreesWithMatchingLevelByLevel() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50_000; i++) {
            String topic = levels(random, new String[] {"", "a", "b", "$x"});
            if (topic.isEmpty()) {
                continue;
            }
            String filter = levels(random, new String[] {"", "a", "b", "$x", "+"});
            if (random.nextInt(3) == 0) {
                filter = filter.isEmpty() ? "#" : filter + "/#";
            }
            if (filter.isEmpty()) {
                continue;
            }

            assertThat(TopicFilter.of(filter).matches(topic))
                    .as("seed %d: filter '%s', topic '%s'", seed, filter, topic)
                    .isEqualTo(naive(filter.split("/", -1), topic.split("/", -1)));
        }
    }

    private static String levels(Random random, String[] alphabet) {
        int count = 1 + random.nextInt(4);
        String[] chosen = new String[count];
        for (int i = 0; i < count; i++) {
            chosen[i] = alphabet[random.nextInt(alphabet.length)];
        }
        return String.join("/", chosen);
    }

    private static boolean naive(String[] filter, String[] topic) {
        if (topic[0].startsWith("$") && (filter[0].equals("+") || filter[0].equals("#"))) {
            return false;
        }
        for (int i = 0; i < filter.length; i++) {
            if (filter[i].equals("#")) {
                return true;
            }
            if (i >= topic.length || !(filter[i].equals("+") || filter[i].equals(topic[i]))) {
                return false;
            }
            if (i == topic.length - 1 && i == filter.length - 2 && filter[i + 1].equals("#")) {
                return true;
            }
        }
        return filter.length == topic.length;
    }
}
