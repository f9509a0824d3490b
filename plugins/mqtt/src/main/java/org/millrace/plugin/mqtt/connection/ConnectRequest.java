package org.millrace.plugin.mqtt.connection;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.MqttConfig;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.mapping.MessageProperties;
import org.millrace.plugin.mqtt.mapping.PublishMapping;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.plugin.mqtt.session.SessionState;
import org.millrace.plugin.mqtt.session.Will;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;

/**
 * What a client asks for when it connects, checked, and cut to what the server allows (MQTT 5 section 3.1).
 *
 * @param level 4 or 5
 * @param clientId the client's, or one made by the server
 * @param assigned whether the server made it
 * @param cleanStart whether an earlier session is to be forgotten
 * @param expirySeconds how long the session outlives the connection
 * @param expiryCut whether the client asked for longer
 * @param keepAliveSeconds 0 for none
 * @param keepAliveCut whether the client asked for longer, or for none
 * @param receiveMaximum how many unacknowledged messages the client takes
 * @param maxPacketSize the largest packet it takes
 * @param topicAliasMaximum how many topic aliases it takes
 * @param wantsReasons whether reason strings may be sent in any packet
 * @param wantsResponses whether it asks where to expect responses
 * @param format the format it wants contents in
 * @param credentials what it shows, unless there is a method
 * @param authentication the method by which it is to be authenticated in steps, if it names one
 * @param will what to publish when it goes without saying good-bye
 */
record ConnectRequest(
        int level,
        String clientId,
        boolean assigned,
        boolean cleanStart,
        long expirySeconds,
        boolean expiryCut,
        int keepAliveSeconds,
        boolean keepAliveCut,
        int receiveMaximum,
        int maxPacketSize,
        int topicAliasMaximum,
        boolean wantsReasons,
        boolean wantsResponses,
        Format format,
        Credentials credentials,
        @Nullable AuthenticationStep authentication,
        @Nullable Will will) {
    private static final int IDENTIFIER_REJECTED = 2;

    /**
     * Reads CONNECT.
     *
     * @param message as Netty decoded it, its bytes checked
     * @param config the limits
     * @param mapping for the will and the format
     * @return the request
     * @throws ConnectRefused for what CONNACK can tell
     * @throws MqttViolation for what breaks the protocol
     */
    static ConnectRequest of(MqttConnectMessage message, MqttConfig config, PublishMapping mapping) {
        MqttConnectVariableHeader header = message.variableHeader();
        MqttConnectPayload payload = message.payload();
        int level = header.version();
        MqttProperties properties = header.properties();
        boolean assigned = payload.clientIdentifier().isEmpty();
        if (assigned && level == 4 && !header.isCleanSession()) {
            throw new ConnectRefused( // 3.1.1 [MQTT-3.1.3-8]
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    IDENTIFIER_REJECTED,
                    "an empty client identifier needs the clean session flag");
        }
        long asked = level == 5
                ? MessageProperties.unsigned(properties, MqttProperties.SESSION_EXPIRY_INTERVAL, 0)
                : header.isCleanSession() ? 0 : SessionState.FOREVER;
        long expiry = Math.min(asked, config.maxSessionExpiry().toSeconds());
        int keepAlive = header.keepAliveTimeSeconds();
        int longest = (int) config.maxKeepAlive().toSeconds();
        boolean keepAliveCut = keepAlive > longest || keepAlive == 0 && longest < 64_800;
        Integer receiveMaximum = MessageProperties.number(properties, MqttProperties.RECEIVE_MAXIMUM);
        Integer aliases = MessageProperties.number(properties, MqttProperties.TOPIC_ALIAS_MAXIMUM);
        Integer problems = MessageProperties.number(properties, MqttProperties.REQUEST_PROBLEM_INFORMATION);
        Integer responses = MessageProperties.number(properties, MqttProperties.REQUEST_RESPONSE_INFORMATION);
        String accept = MessageProperties.user(properties, Format.PROPERTY);
        return new ConnectRequest(
                level,
                assigned ? assignedId() : payload.clientIdentifier(),
                assigned,
                header.isCleanSession(),
                expiry,
                expiry != asked,
                keepAliveCut && level == 5 ? longest : keepAlive,
                keepAliveCut,
                receiveMaximum == null ? 65_535 : receiveMaximum,
                maxPacketSize(message),
                aliases == null ? 0 : aliases,
                problems == null || problems == 1,
                responses != null && responses == 1,
                accept == null ? Format.STORED : format(accept, mapping),
                credentials(header, payload),
                AuthenticationStep.of(properties),
                header.isWillFlag() ? will(header, payload, mapping) : null);
    }

    /** The largest packet the client takes, known also of a CONNECT that is refused. */
    static int maxPacketSize(MqttConnectMessage message) {
        long asked = MessageProperties.unsigned(
                message.variableHeader().properties(), MqttProperties.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        return (int) Math.min(asked, Integer.MAX_VALUE);
    }

    private static Format format(String accept, PublishMapping mapping) {
        try {
            return mapping.format(accept);
        } catch (ResourceException e) {
            throw new ConnectRefused(
                    ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, IDENTIFIER_REJECTED, String.valueOf(e.getMessage()));
        }
    }

    private static String assignedId() {
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        return "auto-" + HexFormat.of().formatHex(random);
    }

    private static Credentials credentials(MqttConnectVariableHeader header, MqttConnectPayload payload) {
        byte[] password = payload.passwordInBytes();
        if (!header.hasUserName() && password == null) {
            return Credentials.NONE;
        }
        String user = payload.userName() == null ? "" : payload.userName();
        return new Credentials.Password(user, password == null ? "" : new String(password, StandardCharsets.UTF_8));
    }

    private static Will will(MqttConnectVariableHeader header, MqttConnectPayload payload, PublishMapping mapping) {
        MqttProperties properties = payload.willProperties();
        String topic = payload.willTopic();
        Path path;
        try {
            path = Path.of(topic == null ? "" : topic);
        } catch (ResourceException e) {
            throw new ConnectRefused(
                    ReasonCode.TOPIC_NAME_INVALID, IDENTIFIER_REJECTED, "the will's topic: " + e.getMessage());
        }
        byte[] bytes = payload.willMessageInBytes();
        try {
            Write write = mapping.write(
                    path, bytes == null ? new byte[0] : bytes, header.willQos(), header.isWillRetain(), properties);
            return new Will(
                    write,
                    MessageProperties.unsigned(properties, MqttProperties.WILL_DELAY_INTERVAL, 0),
                    MessageProperties.unsigned(properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL, -1));
        } catch (ResourceException e) {
            Refusal refusal = Refusal.of(e.code());
            throw new ConnectRefused(refusal.puback(), refusal.connack311(), "the will: " + e.getMessage());
        }
    }
}
