package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.publish5;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.testkit.RawPeer;

/** What publishers are told when application logic at a path refuses their messages. */
class CustomResourceTest {
    private MqttHost mqtt;

    /** Refuses each write with the error code that its path ends with. */
    private static final class Refusing implements CustomResource {
        @Override
        public List<TopicFilter> filters() {
            return List.of(TopicFilter.of("door/#"));
        }

        @Override
        public CompletionStage<Accepted> accept(Write write, Caller caller) {
            ErrorCode code = ErrorCode.valueOf(write.path().id());
            return CompletableFuture.failedStage(new ResourceException(code, "not through this door"));
        }
    }

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
        mqtt.host().context("rules", Map.of()).extensions().offer(CustomResource.POINT, new Refusing());
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID, 0x99",
        "FORBIDDEN, 0x87",
        "BUSY, 0x97",
        "TOO_LARGE, 0x97",
        "CONFLICT, 0x83",
        "UNSUPPORTED, 0x83",
        "UNAVAILABLE, 0x80"
    })
    void aRefusalReachesThePublisherAsAReasonCodeWithItsMessage(ErrorCode code, int reasonCode) {
        try (RawPeer peer = mqtt.client5("c")) {
            for (int qos = 1; qos <= 2; qos++) {
                byte[] answer =
                        MqttHost.packet(peer.send(publish5(qos << 1, "door/" + code, qos, properties(), "knock")));

                assertThat(answer[0]).as("PUBACK or PUBREC").isEqualTo((byte) (qos == 1 ? 0x40 : 0x50));
                assertThat(answer[4]).as("reason code").isEqualTo((byte) reasonCode);
                assertThat(new String(answer, StandardCharsets.UTF_8)).contains("not through this door");
            }
        }
    }

    @Test
    void whatWillNeverBeAcceptedIsAcknowledgedToClientsThatKnowNoReasonCodes() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x02, "door/INVALID", 1, "knock")).expectHex("40 02 00 01");
        }
    }

    @Test
    void whatMaySucceedLaterClosesTheConnectionOfClientsThatKnowNoReasonCodes() {
        try (RawPeer peer = mqtt.client4("c")) {
            peer.send(publish4(0x02, "door/BUSY", 1, "knock")).expectClosed();
        }
    }
}
