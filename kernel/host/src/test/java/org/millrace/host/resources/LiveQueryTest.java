package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;

/** Live queries in the query language, through a host with everything in it. */
class LiveQueryTest {
    private static final TopicFilter SENSORS = TopicFilter.table("sensors");

    @TempDir
    private java.nio.file.Path directory;

    private TestHost host;
    private Resources client;
    private final Deliveries deliveries = new Deliveries();

    @BeforeEach
    void start() throws Exception {
        host = TestHost.start(directory);
        client = host.client();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private Commit put(String path, String json) throws Exception {
        return TestHost.await(client.put(Path.of(path), host.json(json), WriteOptions.DEFAULT));
    }

    private void follow(Start start, String query) {
        client.subscribe(SubscribeRequest.every(SENSORS, start).withQuery(query), deliveries)
                .request(Long.MAX_VALUE);
    }

    private void assertNews(String... news) {
        await().until(() -> deliveries.news.size() >= news.length);
        assertThat(deliveries.news).containsExactly(news);
    }

    @Test
    void theResultComesFirstThenWhatEntersIsUpdatedAndLeaves() throws Exception {
        put("sensors/1", "{\"temp\":31,\"site\":\"hall\"}");
        put("sensors/2", "{\"temp\":20,\"site\":\"hall\"}");
        put("sensors/3", "{\"temp\":40,\"site\":\"roof\"}");
        follow(Start.CURRENT, "temp=gt=30&site=hall|site=yard");
        await().until(() -> deliveries.news.contains("caught up"));
        put("sensors/2", "{\"temp\":35,\"site\":\"yard\"}");
        TestHost.await(client.patch(Path.of("sensors/1"), host.json("{\"temp\":33}"), WriteOptions.DEFAULT));
        put("sensors/3", "{\"temp\":50,\"site\":\"roof\"}");
        TestHost.await(client.patch(Path.of("sensors/2"), host.json("{\"temp\":1}"), WriteOptions.DEFAULT));
        TestHost.await(client.delete(Path.of("sensors/1"), WriteOptions.DEFAULT));

        assertNews(
                "CURRENT PUT sensors/1",
                "caught up",
                "ENTER PUT sensors/2",
                "UPDATE PATCH sensors/1",
                "LEAVE PATCH sensors/2",
                "LEAVE DELETE sensors/1");
    }

    @Test
    void theIdIsAnAttribute() throws Exception {
        follow(Start.NOW, "$id==hall/*");
        put("sensors/roof/1", "1");
        put("sensors/hall/1", "1");

        assertNews("ENTER PUT sensors/hall/1");
    }

    @Test
    void aRestartedHostTellsWhatLeftMeanwhile() throws Exception {
        Commit seen = put("sensors/1", "{\"temp\":31}");
        put("sensors/1", "{\"temp\":3}");
        host.close();
        start();
        follow(new Start.After(seen.cursor()), "temp=gt=30");
        put("sensors/2", "{\"temp\":35}");

        assertNews("LEAVE PUT sensors/1", "caught up", "ENTER PUT sensors/2");
    }

    @Test
    void aQueryThatCannotBeReadIsRefusedWithItsPlace() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> follow(Start.NOW, "temp=xx=30"))
                .withMessageContaining("position 4")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sort(a)", "select(a)", "a=1&limit(3)", "count()", "group(a)", "explain()"})
    void whatShapesAResultIsRefused(String query) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> follow(Start.NOW, query))
                .withMessageContaining("conditions only")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }
}
