package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a table's definition to queries that use its indexes. */
class IndexedTableTest {
    private static final String DEFINITION = "{\"indexes\":[\"temp\"]}";

    @RegisterExtension
    private final RunningHost host = new RunningHost();

    @Test
    void aDeclaredIndexIsBuiltAndUsed() throws Exception {
        host.put("t/a", "{\"temp\":20}");
        host.put("t/b", "{\"temp\":30}");
        host.declare("t", DEFINITION, "temp");

        assertThat(host.run("t", "temp=gt=25")).containsExactly("{\"temp\":30}");
        assertThat(host.run("t", "temp=gt=25&explain()"))
                .containsExactly("{\"table\":\"t\",\"access\":\"index\",\"reads\":\"25 < temp\",\"records\":1,"
                        + "\"filter\":true,\"sort\":\"none\"}");
    }

    @Test
    void anIndexGoesWithItsDefinition() throws Exception {
        host.declare("t", DEFINITION, "temp");
        host.put("$sys/tables/t", "{}");

        await().until(() -> host.content("$sys/indexes/t/temp").isEmpty());
        assertThat(host.run("t", "temp=1&explain()").getFirst()).contains("there is no index of 'temp'");
    }

    @Test
    void anIndexIsThereAfterARestart() throws Exception {
        host.put("t/a", "{\"temp\":20}");
        host.declare("t", DEFINITION, "temp");
        host.restart();

        assertThat(host.content("$sys/indexes/t/temp")).isEqualTo("{\"state\":\"ready\"}");
        assertThat(host.run("t", "temp=20&explain()").getFirst()).contains("temp = 20");
        assertThat(host.run("t", "temp=20")).containsExactly("{\"temp\":20}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "sort(temp)&limit(2); index order; temp; by the index",
                "sort(-temp,$id,site)&limit(2); index order; temp, descending; by the index",
                "sort(temp,-site)&limit(2); index order; temp; by the index, equal records in memory",
                "sort(-temp,site)&limit(2)&temp=gt=5; index order; 5 < temp, descending; by the index, equal records"
                        + " in memory",
                "min(temp); index order; temp, the least; none",
                "max(temp)&temp=lt=9; index order; temp < 9, the greatest; none",
                "sort(temp,site); scan; ; all rows in memory",
                "sort(site,temp)&limit(2); scan; ; first rows in memory",
                "sort($id); scan; ; none",
                "sort($id,site)&temp=5; index; (temp = 5 or temp = \"5\"); none",
                "$id=a; index; $id = \"a\"; none",
                "$id==hall/*&sort(temp); scan; $id starts with \"hall/\"; all rows in memory",
                "sort(-$id)&limit(2); scan; ; first rows in memory",
                "min(temp)&temp=5; index; (temp = 5 or temp = \"5\"); none",
                "select(min(temp),max(temp)); scan; ; none",
                "group(site)&min(temp); scan; ; groups in memory",
            })
    void explainTellsHowRowsAreOrdered(String query, String access, @Nullable String reads, String sort)
            throws Exception {
        host.declare("t", DEFINITION, "temp");

        String plan = host.run("t", query + "&explain()").getFirst();
        assertThat(plan).contains("\"access\":\"" + access + "\"", "\"sort\":\"" + sort + "\"");
        if (reads != null) {
            assertThat(plan).contains("\"reads\":\"" + reads.replace("\"", "\\\"") + "\"");
        }
    }

    @Test
    void recordsThatAreEqualInTheIndexComeInTheOrderOfTheOtherKeys() throws Exception {
        for (int i = 0; i < 30; i++) {
            host.put("t/" + (char) ('a' + i), "{\"temp\":" + i % 3 + ",\"site\":" + -i + "}");
        }
        host.declare("t", DEFINITION, "temp");

        assertThat(host.run("t", "sort(-temp,site)&limit(9,12)&select(temp,site)"))
                .containsExactly("{\"temp\":2,\"site\":-2}", "{\"temp\":1,\"site\":-28}", "{\"temp\":1,\"site\":-25}");
    }

    @Test
    void theLeastValueIsFoundBehindRecordsWithoutOne() throws Exception {
        host.put("t/a", "{}");
        host.put("t/b", "{\"temp\":null}");
        host.put("t/c", "{\"temp\":7}");
        host.put("t/d", "{\"temp\":\"" + "x".repeat(300) + "b\"}");
        host.put("t/e", "{\"temp\":\"" + "x".repeat(300) + "a\"}");
        host.declare("t", DEFINITION, "temp");

        assertThat(host.run("t", "min(temp)")).containsExactly("{\"min(temp)\":7}");
        assertThat(host.run("t", "max(temp)").getFirst()).endsWith("xb\"}");
        assertThat(host.run("t", "max(temp)&temp=lt=7")).containsExactly("{\"max(temp)\":null}");
    }
}
