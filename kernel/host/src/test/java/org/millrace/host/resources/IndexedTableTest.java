package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.WriteOptions;

/** From a table's definition to queries that use its indexes. */
class IndexedTableTest {
    @TempDir
    private Path directory;

    private TestHost host;
    private Resources client;

    @BeforeEach
    void start() throws Exception {
        host = TestHost.start(directory);
        client = host.client();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private void put(String path, String json) throws Exception {
        TestHost.await(client.put(org.millrace.spi.resource.Path.of(path), host.json(json), WriteOptions.DEFAULT));
    }

    private String content(String path) throws Exception {
        return TestHost.await(client.get(org.millrace.spi.resource.Path.of(path)))
                .map(entry -> new String(entry.content().toByteArray(), StandardCharsets.UTF_8))
                .orElse("");
    }

    private List<String> run(String query) {
        List<String> contents = new CopyOnWriteArrayList<>();
        Rows rows = new Rows(Long.MAX_VALUE) {
            @Override
            public void onNext(Row row) {
                super.onNext(row);
                contents.add(new String(row.content().toByteArray(), StandardCharsets.UTF_8));
            }
        };
        client.query(new Query("t", query, "", Query.NO_LIMIT), rows);
        await().until(rows::isOver);
        assertThat(rows.failure).isNull();
        return new ArrayList<>(contents);
    }

    private void declareIndex() throws Exception {
        put("$sys/tables/t", "{\"indexes\":[\"temp\"]}");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> content("$sys/indexes/t/temp").equals("{\"state\":\"ready\"}"));
    }

    @Test
    void aDeclaredIndexIsBuiltAndUsed() throws Exception {
        put("t/a", "{\"temp\":20}");
        put("t/b", "{\"temp\":30}");
        declareIndex();

        assertThat(run("temp=gt=25")).containsExactly("{\"temp\":30}");
        assertThat(run("temp=gt=25&explain()"))
                .containsExactly("{\"table\":\"t\",\"access\":\"index\",\"reads\":\"25 < temp\",\"records\":1,"
                        + "\"filter\":true,\"sort\":\"none\"}");
    }

    @Test
    void anIndexGoesWithItsDefinition() throws Exception {
        declareIndex();
        put("$sys/tables/t", "{}");

        await().until(() -> content("$sys/indexes/t/temp").isEmpty());
        assertThat(run("temp=1&explain()").getFirst()).contains("there is no index of 'temp'");
    }

    @Test
    void anIndexIsThereAfterARestart() throws Exception {
        put("t/a", "{\"temp\":20}");
        declareIndex();
        host.close();
        start();

        assertThat(content("$sys/indexes/t/temp")).isEqualTo("{\"state\":\"ready\"}");
        assertThat(run("temp=20&explain()").getFirst()).contains("temp = 20");
        assertThat(run("temp=20")).containsExactly("{\"temp\":20}");
    }
}
