package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.millrace.plugin.mqtt.Packets.connect5;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.RawPeer;

/** Where clients are told to expect responses (MQTT 5 section 3.2.2.3.15). */
class ResponseInformationTest {
    private static final byte[] ASKS = property(0x19, new byte[] {1});

    private static String connack(MqttHost mqtt, String clientId, byte[]... properties) {
        try (RawPeer peer = mqtt.peer().send(connect5(clientId, Packets.CLEAN, properties(properties)))) {
            return new String(MqttHost.packet(peer), StandardCharsets.ISO_8859_1);
        }
    }

    private static String told(String topic) {
        return new String(join(new byte[] {0x1A}, utf(topic)), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aClientThatAsksIsToldItsOwnPartOfTheTree() throws Exception {
        try (MqttHost mqtt = MqttHost.start("response-information", "responses/{client}")) {
            assertThat(connack(mqtt, "c", ASKS)).contains(told("responses/c"));
            assertThat(connack(mqtt, "a/+%", ASKS)).contains(told("responses/a%2F%2B%25"));
        }
    }

    @Test
    void whoDoesNotAskOrHasNoRoomForItIsToldNothing() throws Exception {
        try (MqttHost mqtt = MqttHost.start("response-information", "responses/{client}")) {
            assertThat(connack(mqtt, "c")).doesNotContain("responses");
            assertThat(connack(mqtt, "c", ASKS, property(0x27, u32(100)))).doesNotContain("responses");
        }
    }

    @Test
    void withoutTheSettingNobodyIsToldAnything() throws Exception {
        try (MqttHost mqtt = MqttHost.start()) {
            assertThat(connack(mqtt, "c", ASKS)).isEqualTo(connack(mqtt, "c"));
        }
    }

    @Test
    void aSettingThatIsNoTopicIsReportedAtTheStart() {
        assertThatThrownBy(() -> MqttHost.start("response-information", "responses/#"))
                .hasMessageContaining("mqtt.response-information is 'responses/#'");
    }
}
