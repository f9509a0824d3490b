package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.Host;
import org.millrace.host.TestHost;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.ConfigurationSources;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.WriteOptions;

/** What a client may not read, he does not learn through a relationship either. */
class JoinRightsTest {
    @TempDir
    private Path directory;

    private Host host;
    private PluginContext context;

    @BeforeEach
    void start() throws Exception {
        Path file = Files.writeString(directory.resolve("millrace.yaml"), """
            auth:
              users:
                - {name: root, password: secret, roles: [admin]}
              roles:
                - {name: orders, read: ["orders/#"]}
                - {name: some, read: ["orders/#", "customers/a"]}
            """);
        List<PluginContext> contexts = new ArrayList<>();
        host = Host.builder(Configuration.load(new ConfigurationSources(
                        file,
                        Map.of(),
                        List.of(
                                "data=" + directory.resolve("data"),
                                "plugins.directory=" + directory.resolve("none")))))
                .plugin("test", contexts::add)
                .start();
        context = contexts.getFirst();
        put("$sys/tables/orders", "{\"relationships\":{\"customer\":{\"table\":\"customers\",\"from\":\"by\"}}}");
        put("customers/a", "{\"name\":\"Ann\"}");
        put("customers/b", "{\"name\":\"Bob\"}");
        put("orders/1", "{\"by\":\"a\"}");
        put("orders/2", "{\"by\":\"b\"}");
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private Resources client(String role) {
        return context.resources(
                new Identity("someone", Set.of(role)),
                new ConnectionInfo("test", "127.0.0.1:1", false, ""),
                context.executor());
    }

    private void put(String path, String json) throws Exception {
        TestHost.await(client("admin")
                .put(
                        org.millrace.spi.resource.Path.of(path),
                        context.contents().detect(json.getBytes(StandardCharsets.UTF_8)),
                        WriteOptions.DEFAULT));
    }

    private Rows query(String role, String query, List<String> contents) {
        Rows rows = new Rows(Long.MAX_VALUE) {
            @Override
            public void onNext(Row row) {
                super.onNext(row);
                contents.add(new String(row.content().toByteArray(), StandardCharsets.UTF_8));
            }
        };
        client(role).query(new Query("orders", query, "", Query.NO_LIMIT), rows);
        await().until(rows::isOver);
        return rows;
    }

    @Test
    void aTableThatMayNotBeReadCannotBeJoined() {
        Rows rows = query("orders", "customer.name=Ann", new ArrayList<>());

        assertThat(ResourceException.from(rows.failure).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(rows.failure).hasMessageContaining("customers/#");
    }

    @Test
    void theRestOfTheTableIsStillAnswered() {
        List<String> contents = new CopyOnWriteArrayList<>();
        assertThat(query("orders", "by=a", contents).failure).isNull();
        assertThat(contents).containsExactly("{\"by\":\"a\"}");
    }

    @Test
    void recordsThatMayNotBeReadAreAsIfTheyWereNotThere() {
        List<String> contents = new CopyOnWriteArrayList<>();
        assertThat(query("some", "select(by,customer(name))", contents).failure).isNull();
        assertThat(contents)
                .containsExactly("{\"by\":\"a\",\"customer\":{\"name\":\"Ann\"}}", "{\"by\":\"b\",\"customer\":null}");
        contents.clear();
        assertThat(query("some", "customer.name=Bob", contents).failure).isNull();
        assertThat(contents).isEmpty();
    }
}
