package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

class TopicTrieTest {
    private final TopicTrie<String> trie = new TopicTrie<>();

    private List<String> match(String path) {
        List<String> found = new ArrayList<>();
        trie.match(Path.of(path), found::add);
        return found;
    }

    private void add(String filter) {
        trie.add(TopicFilter.of(filter), filter);
    }

    @ParameterizedTest
    @CsvSource({
        "sport/#, sport, true",
        "sport/#, sport/tennis/player1, true",
        "sport/#, sports, false",
        "sport/tennis/+, sport/tennis/player1, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "#, anything/at/all, true",
        "#, $sys/health, false",
        "+/health, $sys/health, false",
        "$sys/#, $sys/health, true",
        "$sys/+, $sys/health, true",
        "a//b, a//b, true",
        "a/+/b, a//b, true",
        "a/b/, a/b, false",
        "+/a/#, x/a, true",
    })
    void wildcardsMatchAsMqttSays(String filter, String path, boolean matches) {
        add(filter);

        assertThat(match(path)).hasSize(matches ? 1 : 0);
    }

    @Test
    void wildcardsMatchAsMqttSaysAlsoAmongOtherFilters() {
        for (String filter : List.of("sport/#", "sport/tennis/+", "sport/+/score", "sport", "+/tennis/#", "#", "+")) {
            add(filter);
        }

        assertThat(match("sport")).containsExactlyInAnyOrder("sport/#", "sport", "#", "+");
        assertThat(match("sport/tennis/score"))
                .containsExactlyInAnyOrder("sport/#", "sport/tennis/+", "sport/+/score", "+/tennis/#", "#");
    }

    @Test
    void aValueIsAddedOnceUnderAFilter() {
        TopicFilter filter = TopicFilter.of("a/b");

        assertThat(trie.add(filter, "x")).isTrue();
        assertThat(trie.add(filter, "x")).isFalse();
        assertThat(match("a/b")).containsExactly("x");
    }

    @Test
    void removingWhatIsNotThereChangesNothing() {
        add("a/b/c");
        add("a/b/d");

        for (String other : List.of("a/b", "a/b/e", "a/b/c/d", "a/#", "+", "#", "x")) {
            assertThat(trie.remove(TopicFilter.of(other), other)).as(other).isFalse();
        }
        assertThat(trie.remove(TopicFilter.of("a/b/c"), "someone else")).isFalse();
        assertThat(trie.size()).isEqualTo(2);
    }

    @Test
    void manyValuesOfOneFilterComeAndGo() {
        TopicFilter filter = TopicFilter.of("alarm/+");
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            values.add("subscriber " + i);
        }
        values.forEach(value -> trie.add(filter, value));
        values.subList(0, 19_000).forEach(value -> trie.remove(filter, value));

        assertThat(match("alarm/fire")).containsExactlyInAnyOrderElementsOf(values.subList(19_000, 20_000));
    }

    @Test
    void filtersOfThousandsOfLevelsNeitherOverflowNorMismatch() {
        String deep = "+/".repeat(20_000);
        trie.add(TopicFilter.of(deep + "a"), "a");
        trie.add(TopicFilter.of(deep + "b"), "b");
        trie.add(TopicFilter.of(deep + "#"), "#");

        assertThat(match("x/".repeat(20_000) + "b")).containsExactlyInAnyOrder("b", "#");
        trie.remove(TopicFilter.of(deep + "a"), "a");
        trie.remove(TopicFilter.of(deep + "#"), "#");
        assertThat(match("x/".repeat(20_000) + "a")).isEmpty();
        assertThat(match("x/".repeat(20_000) + "b")).containsExactly("b");
    }

    @Test
    void agreesWithTheFiltersOwnMatching() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            TopicTrie<Object> tried = new TopicTrie<>();
            Map<Object, TopicFilter> model = new HashMap<>();
            for (int i = 0; i < 600; i++) {
                if (random.nextInt(3) > 0 || model.isEmpty()) {
                    TopicFilter filter = TopicFilter.of(randomFilter(random));
                    Object value = new Object();
                    model.put(value, filter);
                    tried.add(filter, value);
                } else {
                    List<Object> present = new ArrayList<>(model.keySet());
                    Object value = present.get(random.nextInt(present.size()));
                    assertThat(tried.remove(model.remove(value), value))
                            .as("seed %d", seed)
                            .isTrue();
                }
                Path path = Path.of(randomPath(random));
                List<Object> found = new ArrayList<>();
                tried.match(path, found::add);
                List<Object> expected = model.entrySet().stream()
                        .filter(e -> e.getValue().matches(path))
                        .map(Map.Entry::getKey)
                        .toList();
                assertThat(found).as("seed %d, path %s", seed, path).containsExactlyInAnyOrderElementsOf(expected);
            }
            List.copyOf(model.keySet()).forEach(value -> tried.remove(model.remove(value), value));
            assertThat(tried.isEmpty())
                    .as("seed %d: nodes are left behind", seed)
                    .isTrue();
        }
    }

    private static String randomFilter(Random random) {
        StringBuilder filter = new StringBuilder();
        int levels = 1 + random.nextInt(4);
        for (int i = 0; i < levels; i++) {
            filter.append(i == 0 ? "" : "/");
            int kind = random.nextInt(10);
            if (kind < 2) {
                filter.append('+');
            } else if (kind == 2 && i == levels - 1) {
                filter.append('#');
            } else {
                filter.append(randomLevel(random, i));
            }
        }
        return filter.isEmpty() ? "/" : filter.toString();
    }

    private static String randomPath(Random random) {
        StringBuilder path = new StringBuilder();
        int levels = 1 + random.nextInt(4);
        for (int i = 0; i < levels; i++) {
            path.append(i == 0 ? "" : "/").append(randomLevel(random, i));
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    private static String randomLevel(Random random, int depth) {
        return switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> depth == 0 ? "$sys" : "b";
            case 2 -> "Aa";
            case 3 -> "BB";
            default -> "a";
        };
    }

    @Test
    void whatStaysIsFoundExactlyOnceWhileOthersComeAndGo() throws InterruptedException {
        List<String> staying = List.of("t/+/x", "t/#", "t/5/+", "+/5/+", "t/5/#");
        staying.forEach(this::add);
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> changers = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            int seed = n;
            changers.add(Thread.ofPlatform().start(() -> {
                Random random = new Random(seed);
                while (!done.get()) {
                    List<TopicFilter> added = new ArrayList<>();
                    for (int i = 0; i < 50; i++) {
                        String tail = random.nextBoolean() ? "/x" : "/x/" + i;
                        added.add(TopicFilter.of("t/" + random.nextInt(30) + tail));
                    }
                    added.forEach(filter -> trie.add(filter, filter.toString()));
                    added.forEach(filter -> trie.remove(filter, filter.toString()));
                }
            }));
        }
        try {
            for (int i = 0; i < 20_000; i++) {
                List<String> found = match("t/5/x");
                for (String value : staying) {
                    assertThat(found.stream().filter(v -> v == value).count())
                            .as("round %d, %s", i, value)
                            .isOne();
                }
            }
        } finally {
            done.set(true);
            for (Thread changer : changers) {
                changer.join();
            }
        }
    }
}
