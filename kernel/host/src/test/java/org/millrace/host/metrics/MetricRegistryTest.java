package org.millrace.host.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.plugin.Registration;

class MetricRegistryTest {
    private final MetricRegistry registry = new MetricRegistry();

    @Test
    void aCounterIsWrittenAsPrometheusText() {
        registry.counter("millrace_writes", "Accepted writes.", Map.of()).add(3);

        assertThat(registry.text()).isEqualTo("""
            # HELP millrace_writes_total Accepted writes.
            # TYPE millrace_writes_total counter
            millrace_writes_total 3
            """);
    }

    @Test
    void metricsOfOneNameShareTheirHead() {
        registry.gauge("millrace_open", "Open.", Map.of("listener", "mqtt"), () -> 2);
        registry.gauge("millrace_open", "Open.", Map.of("listener", "http"), () -> 1);

        assertThat(registry.text()).isEqualTo("""
            # HELP millrace_open Open.
            # TYPE millrace_open gauge
            millrace_open{listener="http"} 1
            millrace_open{listener="mqtt"} 2
            """);
    }

    @Test
    void valuesOfLabelsAndDocsAreEscaped() {
        registry.gauge("millrace_open", "Two\nlines.", Map.of("name", "a\"b\\c\nd"), () -> 2);

        assertThat(registry.text()).contains("Two\\nlines.").contains("{name=\"a\\\"b\\\\c\\nd\"} 2");
    }

    @Test
    void askingTwiceGivesTheSameCounter() {
        assertThat(registry.counter("a", "A.", Map.of())).isSameAs(registry.counter("a", "A.", Map.of()));
    }

    @Test
    void aClosedGaugeIsGone() {
        registry.gauge("a", "A.", Map.of(), () -> 1).close();

        assertThat(registry.text()).isEmpty();
    }

    @Test
    void closingAnOlderGaugeLeavesTheNewerOfItsName() {
        Registration old = registry.gauge("a", "A.", Map.of(), () -> 1);
        registry.gauge("a", "A.", Map.of(), () -> 2);

        old.close();

        assertThat(registry.text()).contains("\na 2\n");
    }

    @Test
    void aGaugeThatThrowsIsLeftOut() {
        registry.gauge("broken", "B.", Map.of(), () -> {
            throw new IllegalStateException("no value");
        });
        registry.gauge("sound", "S.", Map.of(), () -> 1);

        assertThat(registry.text()).contains("\nsound 1\n").doesNotContain("\nbroken ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "1a", "a-b", "a__b", "a_", "a b"})
    void aMalformedNameIsRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> registry.counter(name, "A.", Map.of()));
    }

    @Test
    void aCounterCannotBeLowered() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.counter("a", "A.", Map.of()).add(-1));
    }

    @Test
    void aPluginsMetricsCarryItsPrefixAndGoWithIt() {
        PluginMetrics plugin = new PluginMetrics(registry, "mqtt-sn");
        plugin.counter("packets", "Packets.").increment();
        plugin.gauge("sessions", "Sessions.", () -> 4);

        assertThat(registry.text()).contains("millrace_mqtt_sn_packets_total 1", "millrace_mqtt_sn_sessions 4");
        plugin.close();
        assertThat(registry.text()).isEmpty();
    }
}
