package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;

class PluginNewsTest {
    @TempDir
    Path directory;

    private static Deliveries follow(TestHost host, String query) {
        Deliveries deliveries = new Deliveries();
        host.client()
                .subscribe(
                        SubscribeRequest.every(TopicFilter.of("$sys/plugins/#"), Start.CURRENT)
                                .withQuery(query),
                        deliveries)
                .request(Long.MAX_VALUE);
        await().until(() -> deliveries.news.contains("caught up"));
        return deliveries;
    }

    @Test
    void subscribersBeginWithThePluginsAndAreToldWhatBecomesOfThem() throws Exception {
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        try (TestHost host = TestHost.start(directory, "plugins.scan-interval=20ms", "late.port=1")) {
            Deliveries all = follow(host, "");
            Deliveries failed = follow(host, "state==failed");

            Path broken = Files.writeString(plugins.resolve("broken.jar"), "no jar");
            await().until(() -> all.news.contains("LIVE PUT $sys/plugins/broken"));
            Files.delete(broken);

            await().untilAsserted(() -> assertThat(all.news)
                    .containsExactly(
                            "CURRENT PUT $sys/plugins/late",
                            "caught up",
                            "LIVE PUT $sys/plugins/broken",
                            "LIVE DELETE $sys/plugins/broken"));
            await().untilAsserted(
                            () -> assertThat(failed.news).containsExactly("caught up", "LIVE PUT $sys/plugins/broken"));
        }
    }
}
