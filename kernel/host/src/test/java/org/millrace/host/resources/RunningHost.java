package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.millrace.host.TestHost;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.WriteOptions;

/** A host for each test, in a directory that goes with it, and a client that may do everything. */
final class RunningHost implements BeforeEachCallback, AfterEachCallback {
    private final String[] options;
    private @Nullable Path directory;
    private @Nullable TestHost host;

    RunningHost(String... options) {
        this.options = options.clone();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        directory = Files.createTempDirectory("millrace");
        host = TestHost.start(directory, options);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        host().close();
        try (Stream<Path> files = Files.walk(Objects.requireNonNull(directory))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    void restart() throws Exception {
        host().close();
        host = TestHost.start(Objects.requireNonNull(directory), options);
    }

    TestHost host() {
        return Objects.requireNonNull(host);
    }

    Resources client() {
        return host().client();
    }

    Content json(String text) {
        return host().json(text);
    }

    Commit put(String path, String json) throws Exception {
        return TestHost.await(client().put(path(path), json(json), WriteOptions.DEFAULT));
    }

    /** The content of a record, as text; empty if it is not there. */
    String content(String path) throws Exception {
        return TestHost.await(client().get(path(path)))
                .map(entry -> text(entry.content()))
                .orElse("");
    }

    /** Declares a table, and waits until indexes of it are built. */
    void declare(String table, String definition, String... indexed) throws Exception {
        put("$sys/tables/" + table, definition);
        for (String attribute : indexed) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            content("$sys/indexes/" + table + "/" + attribute).equals("{\"state\":\"ready\"}"));
        }
    }

    /** The contents of the rows that a query gives. */
    List<String> run(String table, String query) {
        List<String> contents = new CopyOnWriteArrayList<>();
        assertThat(start(table, query, contents).failure).isNull();
        return new ArrayList<>(contents);
    }

    /** Why a query is refused. */
    ResourceException refusal(String table, String query) {
        return ResourceException.from(start(table, query, new ArrayList<>()).failure);
    }

    private Rows start(String table, String query, List<String> contents) {
        Rows rows = new Rows(Long.MAX_VALUE) {
            @Override
            public void onNext(Row row) {
                super.onNext(row);
                contents.add(text(row.content()));
            }
        };
        client().query(new Query(table, query, "", Query.NO_LIMIT), rows);
        await().pollInterval(Duration.ofMillis(2)).until(rows::isOver);
        return rows;
    }

    static org.millrace.spi.resource.Path path(String text) {
        return org.millrace.spi.resource.Path.of(text);
    }

    private static String text(Content content) {
        return new String(content.toByteArray(), StandardCharsets.UTF_8);
    }
}
