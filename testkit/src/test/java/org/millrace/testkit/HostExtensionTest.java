package org.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.Setting;
import org.millrace.testkit.junit.HostExtension;

class HostExtensionTest {
    private static final AtomicInteger STARTS = new AtomicInteger();
    private static final AtomicInteger STOPS = new AtomicInteger();

    record Config(@Setting("1") int step) {}

    private static final class Counting implements Plugin {
        @Override
        public void start(PluginContext context) {
            STARTS.addAndGet(context.config(Config.class).step());
        }

        @Override
        public void stop() {
            STOPS.incrementAndGet();
        }
    }

    @RegisterExtension
    static final HostExtension<InMemoryHost> SHARED =
            HostExtension.inMemory("counting", Counting::new, Map.of("step", "100"));

    @RegisterExtension
    final HostExtension<InMemoryHost> own = HostExtension.inMemory("counting", Counting::new, Map.of());

    private void aHostRuns() {
        assertThat(STARTS.get()).as("one host for all tests, and one for each").isEqualTo(101 + STOPS.get());
        assertThat(own.host()).isNotSameAs(SHARED.host());
    }

    @Test
    void oneTestHasAHostOfItsOwn() {
        aHostRuns();
    }

    @Test
    void anotherTestHasAnotherHost() {
        aHostRuns();
    }

    @AfterAll
    static void hostsOfTestsAreClosedAndTheSharedOneServesOn() {
        assertThat(STOPS.get()).isEqualTo(2);
        assertThat(SHARED.host()).isNotNull();
    }
}
