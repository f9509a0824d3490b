package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;

/** Live queries in the query language, through a host with everything in it. */
class LiveQueryTest {
    private static final TopicFilter SENSORS = TopicFilter.table("sensors");

    @RegisterExtension
    private final RunningHost host = new RunningHost();

    private final Deliveries deliveries = new Deliveries();

    private void follow(Start start, String query) {
        host.client()
                .subscribe(SubscribeRequest.every(SENSORS, start).withQuery(query), deliveries)
                .request(Long.MAX_VALUE);
    }

    private void assertNews(String... news) {
        await().until(() -> deliveries.news.size() >= news.length);
        assertThat(deliveries.news).containsExactly(news);
    }

    @Test
    void theResultComesFirstThenWhatEntersIsUpdatedAndLeaves() throws Exception {
        host.put("sensors/1", "{\"temp\":31,\"site\":\"hall\"}");
        host.put("sensors/2", "{\"temp\":20,\"site\":\"hall\"}");
        host.put("sensors/3", "{\"temp\":40,\"site\":\"roof\"}");
        follow(Start.CURRENT, "temp=gt=30&site=hall|site=yard");
        await().until(() -> deliveries.news.contains("caught up"));
        host.put("sensors/2", "{\"temp\":35,\"site\":\"yard\"}");
        TestHost.await(host.client().patch(Path.of("sensors/1"), host.json("{\"temp\":33}"), WriteOptions.DEFAULT));
        host.put("sensors/3", "{\"temp\":50,\"site\":\"roof\"}");
        TestHost.await(host.client().patch(Path.of("sensors/2"), host.json("{\"temp\":1}"), WriteOptions.DEFAULT));
        TestHost.await(host.client().delete(Path.of("sensors/1"), WriteOptions.DEFAULT));

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
        host.put("sensors/roof/1", "1");
        host.put("sensors/hall/1", "1");

        assertNews("ENTER PUT sensors/hall/1");
    }

    @Test
    void aRestartedHostTellsWhatLeftMeanwhile() throws Exception {
        Commit seen = host.put("sensors/1", "{\"temp\":31}");
        host.put("sensors/1", "{\"temp\":3}");
        host.restart();
        follow(new Start.After(seen.cursor()), "temp=gt=30");
        host.put("sensors/2", "{\"temp\":35}");

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
