package org.millrace.examples.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;

class RulesPluginTest {
    /** A clock that is set by hand. */
    private static final class Hands extends Clock {
        private volatile Instant now = Instant.parse("2026-03-01T10:00:59Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private final Hands clock = new Hands();
    private InMemoryHost host;

    @BeforeEach
    void start() throws Exception {
        host = InMemoryHost.create(InMemoryHost.Options.DEFAULT.withClock(clock));
        host.start("rules", new RulesPlugin(), Map.of("hot", "30"));
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private Content content(String text) {
        return host.contents().detect(text.getBytes(StandardCharsets.UTF_8));
    }

    private CompletionStage<Commit> put(String path, String text) {
        return host.resources().put(Path.of(path), content(text), WriteOptions.DEFAULT);
    }

    private void reading(String text) throws Exception {
        put("readings/hall", text).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private String text(String path) {
        return host.record(path)
                .map(entry -> new String(entry.content().toByteArray(), StandardCharsets.UTF_8))
                .orElse("nothing");
    }

    @Test
    void readingsOfAMinuteAreAggregated() throws Exception {
        reading("20");
        reading("{\"value\":22.5}");
        clock.now = clock.now.plusSeconds(1);
        reading("10");

        assertThat(text("minutes/hall/2026-03-01T10:00Z"))
                .isEqualTo("{\"count\":2,\"min\":20.0,\"max\":22.5,\"sum\":42.5,\"avg\":21.25}");
        assertThat(text("minutes/hall/2026-03-01T10:01Z"))
                .isEqualTo("{\"count\":1,\"min\":10.0,\"max\":10.0,\"sum\":10.0,\"avg\":10.0}");
    }

    @Test
    void theReadingItselfGetsItsTime() throws Exception {
        reading("20");

        assertThat(text("readings/hall")).isEqualTo("{\"value\":20.0,\"at\":\"2026-03-01T10:00:59Z\"}");
    }

    @Test
    void aMessageIsAReadingToo() throws Exception {
        host.resources()
                .publish(Path.of("readings/hall"), content("20"), WriteOptions.DEFAULT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);

        assertThat(text("readings/hall")).contains("20.0");
        assertThat(text("minutes/hall/2026-03-01T10:00Z")).contains("\"count\":1");
    }

    @Test
    void anAlertIsRaisedKeptAndRemoved() throws Exception {
        reading("31");
        clock.now = clock.now.plusSeconds(10);
        reading("33");
        assertThat(text("alerts/hall")).isEqualTo("{\"value\":33.0,\"since\":\"2026-03-01T10:00:59Z\"}");

        reading("30");
        assertThat(text("alerts/hall")).isEqualTo("nothing");
    }

    @Test
    void aggregatesExpire() throws Exception {
        reading("20");

        assertThat(host.record("minutes/hall/2026-03-01T10:00Z").orElseThrow().expiresAt())
                .isEqualTo(clock.now.plus(Duration.ofDays(7)));
    }

    @Test
    void whatIsNoNumberIsRefusedAndChangesNothing() {
        assertThatThrownBy(() -> reading("\"warm\""))
                .cause()
                .satisfies(refusal ->
                        assertThat(((ResourceException) refusal).code()).isEqualTo(ErrorCode.INVALID));
        assertThat(host.records()).isEmpty();
    }

    @Test
    void clientsDoNotWriteWhatFollowsFromReadings() {
        assertThatThrownBy(() -> put("alerts/hall", "1").toCompletableFuture().join())
                .cause()
                .hasMessageContaining("follows from the readings");
        assertThatThrownBy(
                        () -> put("minutes/hall/x", "1").toCompletableFuture().join())
                .cause()
                .hasMessageContaining("follows from the readings");
    }
}
