package org.millrace.host.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

class GrantsTest {
    private static Grant grant(Act act, String filter) {
        return new Grant(act, TopicFilter.of(filter));
    }

    @Test
    void aGrantIsForItsActAndItsFilterOnly() {
        Grants grants = Grants.of(List.of(grant(Act.READ, "a/#"), grant(Act.WRITE, "b/+")));

        assertThat(grants.allows(Act.READ, Path.of("a/1/2"))).isTrue();
        assertThat(grants.allows(Act.READ, Path.of("b/1"))).isFalse();
        assertThat(grants.allows(Act.WRITE, Path.of("b/1"))).isTrue();
        assertThat(grants.allows(Act.WRITE, Path.of("b/1/2"))).isFalse();
        assertThat(grants.allows(Act.PUBLISH, Path.of("b/1"))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Act.class)
    void nobodyReachesTheHostsOwnRecords(Act act) {
        Grants explicit = Grants.of(List.of(grant(act, "$internal/#")));

        for (Grants grants : List.of(Grants.ALL, explicit)) {
            assertThat(grants.allows(act, Path.of("$internal/mqtt/store/x"))).isFalse();
            assertThat(grants.allows(act, Path.of("$internal"))).isFalse();
            assertThat(grants.allowsSome(act, TopicFilter.of("$internal/#"))).isFalse();
            assertThat(grants.allowsSome(act, TopicFilter.of("$internal"))).isFalse();
        }
    }

    @Test
    void theSystemsResourcesCanBeReadButNotWritten() {
        Path health = Path.of("$sys/health");

        assertThat(Grants.ALL.allows(Act.READ, health)).isTrue();
        assertThat(Grants.ALL.allows(Act.SUBSCRIBE, health)).isTrue();
        assertThat(Grants.ALL.allows(Act.WRITE, health)).isFalse();
        assertThat(Grants.ALL.allows(Act.PUBLISH, health)).isFalse();
    }

    @Test
    void aGrantOnEverythingDoesNotReachTheSystemUnlessItSaysSo() {
        Path health = Path.of("$sys/health");

        assertThat(Grants.of(List.of(grant(Act.READ, "#"))).allows(Act.READ, health))
                .isFalse();
        assertThat(Grants.of(List.of(grant(Act.READ, "$sys/#"))).allows(Act.READ, health))
                .isTrue();
    }

    @Test
    void aWiderSubscriptionThanTheGrantIsAllowedAndADisjointOneIsNot() {
        Grants grants = Grants.of(List.of(grant(Act.SUBSCRIBE, "site/+/temp")));

        assertThat(grants.allowsSome(Act.SUBSCRIBE, TopicFilter.ALL)).isTrue();
        assertThat(grants.allowsSome(Act.SUBSCRIBE, TopicFilter.of("site/1/#"))).isTrue();
        assertThat(grants.allowsSome(Act.SUBSCRIBE, TopicFilter.of("site/1/hum")))
                .isFalse();
        assertThat(grants.allowsSome(Act.READ, TopicFilter.ALL)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, b, false",
        "a/#, a, true",
        "a, a/#, true",
        "a/b/#, a, false",
        "+, a/b, false",
        "+/b, a/+, true",
        "#, a/b/c, true",
        "#, $sys/a, false",
        "$sys/a, +/a, false",
        "$sys/#, $sys/+, true",
        "+, #, true",
        "/a, +/a, true",
        "a/+/c, a/b, false",
    })
    void overlapOfFilters(String one, String other, boolean overlap) {
        assertThat(FilterOverlap.of(TopicFilter.of(one), TopicFilter.of(other))).isEqualTo(overlap);
    }

    @Test
    void filtersOverlapExactlyIfSomePathMatchesBoth() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Path> paths = allPaths();
        for (int i = 0; i < 5_000; i++) {
            TopicFilter one = filter(random);
            TopicFilter other = filter(random);
            boolean common = paths.stream().anyMatch(path -> one.matches(path) && other.matches(path));

            assertThat(FilterOverlap.of(one, other))
                    .as("seed %d: %s and %s", seed, one, other)
                    .isEqualTo(common);
        }
    }

    /** Every path of up to four levels over an alphabet that holds all that the filters below can name, and more. */
    private static List<Path> allPaths() {
        List<String> levels = List.of("a", "b", "", "$s");
        List<String> texts = new java.util.ArrayList<>(levels);
        List<String> longer = levels;
        for (int depth = 1; depth < 4; depth++) {
            longer = longer.stream()
                    .flatMap(text -> levels.stream().map(level -> text + "/" + level))
                    .toList();
            texts.addAll(longer);
        }
        return texts.stream().filter(text -> !text.isEmpty()).map(Path::of).toList();
    }

    private static TopicFilter filter(Random random) {
        String[] levels = {"a", "b", "+", "+", "$s", ""};
        int depth = 1 + random.nextInt(3);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            text.append(i == 0 ? "" : "/").append(levels[random.nextInt(levels.length)]);
        }
        if (random.nextInt(3) == 0) {
            text.append("/#");
        }
        return text.isEmpty() ? TopicFilter.ALL : TopicFilter.of(text.toString());
    }

    @Test
    void anOpenHostAllowsEverythingToEverybody() {
        assertThat(new AccessControl(true, Map.of()).grants(Identity.ANONYMOUS)).isSameAs(Grants.ALL);
    }

    @Test
    void rolesAddUp() {
        AccessControl control = new AccessControl(
                false, Map.of("one", List.of(grant(Act.READ, "a/#")), "two", List.of(grant(Act.READ, "b/#"))));

        Grants both = control.grants(new Identity("x", Set.of("one", "two", "unknown")));

        assertThat(both.allows(Act.READ, Path.of("a/1"))).isTrue();
        assertThat(both.allows(Act.READ, Path.of("b/1"))).isTrue();
        assertThat(both.allows(Act.READ, Path.of("c/1"))).isFalse();
    }

    @Test
    void withUsersAnAnonymousClientHasTheRoleOfThatName() {
        AccessControl control = new AccessControl(false, Map.of("anonymous", List.of(grant(Act.READ, "public/#"))));

        Grants grants = control.grants(Identity.ANONYMOUS);

        assertThat(grants.allows(Act.READ, Path.of("public/1"))).isTrue();
        assertThat(grants.allows(Act.READ, Path.of("private/1"))).isFalse();
    }

    @Test
    void theAdminMayDoEverything() {
        assertThat(new AccessControl(false, Map.of()).grants(new Identity("root", Set.of("admin"))))
                .isSameAs(Grants.ALL);
    }

    @Test
    void definitionsOfTablesAreWrittenByWhoeverIsGrantedThat() {
        Path definition = Path.of("$sys/tables/t");
        assertThat(Grants.ALL.allows(Act.WRITE, definition)).isTrue();
        assertThat(Grants.ALL.allows(Act.PUBLISH, definition)).isFalse();
        assertThat(Grants.of(List.of(grant(Act.WRITE, "#"))).allows(Act.WRITE, definition))
                .isFalse();
        assertThat(Grants.of(List.of(grant(Act.WRITE, "$sys/tables/#"))).allows(Act.WRITE, definition))
                .isTrue();
    }
}
