package org.millrace.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator should look at, as resources. */
class ClusterAlertsTest {
    private volatile List<String> now = List.of();
    private final List<String> told = new ArrayList<>();
    private final ClusterAlerts alerts = new ClusterAlerts(
            () -> now, (path, value) -> told.add(path + " " + value.toString().contains("over")), Clock.systemUTC());

    @AfterEach
    void close() {
        alerts.close();
    }

    @Test
    void subscribersHearWhenOneBeginsAndWhenItIsOver() {
        now = List.of("the clock of node 'b' is 11000 ms ahead");
        alerts.look();
        now = List.of("the clock of node 'b' is 12000 ms ahead");
        alerts.look();
        assertThat(told).hasSize(1).allMatch(line -> line.startsWith("$sys/alerts/cluster/") && line.endsWith("false"));
        assertThat(alerts.values()).hasSize(1);
        assertThat(alerts.values().values().iterator().next().toString()).contains("12000");
        now = List.of();
        alerts.look();
        assertThat(told).hasSize(2).last().asString().endsWith("true");
        assertThat(alerts.values()).isEmpty();
    }

    @Test
    void differentAlertsHavePathsOfTheirOwn() {
        now = List.of("one thing", "another");
        alerts.look();
        assertThat(alerts.values()).hasSize(2);
    }
}
