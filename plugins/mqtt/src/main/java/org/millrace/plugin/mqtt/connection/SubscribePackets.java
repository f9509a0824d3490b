package org.millrace.plugin.mqtt.connection;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.Flusher;
import org.millrace.plugin.mqtt.delivery.Outbound;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.mapping.MessageProperties;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * What a client asks for by SUBSCRIBE and UNSUBSCRIBE, and how it is answered: when what has changed is durable, if the
 * session outlives its connection. Used by the connection's event loop only.
 */
final class SubscribePackets {
    private final MqttServer server;
    private final Subscriptions subscriptions;
    private final ConnectRequest client;
    private final Flusher flusher;
    private final Outbound outbound;
    private final Consumer<ResourceException> failed;
    private final Consumer<String> refused;

    /**
     * Makes them for one connection.
     *
     * @param failed told why what has changed cannot be made durable
     * @param refused told why a filter was refused
     */
    SubscribePackets(
            MqttServer server,
            Subscriptions subscriptions,
            ConnectRequest client,
            Flusher flusher,
            Outbound outbound,
            Consumer<ResourceException> failed,
            Consumer<String> refused) {
        this.server = server;
        this.subscriptions = subscriptions;
        this.client = client;
        this.flusher = flusher;
        this.outbound = outbound;
        this.failed = failed;
        this.refused = refused;
    }

    /** One filter's answer, and what is to be done once SUBACK is written ([MQTT-3.8.4-1], design rule). */
    private record Answer(byte code, @Nullable String reason, Runnable afterwards) {
        static final Runnable NOTHING = () -> {};
    }

    /** Takes a SUBSCRIBE: SUBACK first, then retained messages. */
    void subscribe(MqttSubscribeMessage message) {
        MqttProperties properties = message.idAndPropertiesVariableHeader().properties();
        Integer id = MessageProperties.number(properties, MqttProperties.SUBSCRIPTION_IDENTIFIER);
        String accept = MessageProperties.user(properties, Format.PROPERTY);
        String query = MessageProperties.user(properties, SubscriptionOptions.QUERY);
        List<MqttTopicSubscription> topics = message.payload().topicSubscriptions();
        byte[] codes = new byte[topics.size()];
        List<Runnable> afterwards = new ArrayList<>(topics.size());
        String reason = null;
        List<CompletableFuture<Void>> writes = new ArrayList<>(topics.size());
        for (int i = 0; i < codes.length; i++) {
            Wish wish = new Wish(id == null ? 0 : id, accept, query == null ? "" : query);
            Answer answer = subscribe(topics.get(i), wish, writes);
            codes[i] = answer.code();
            if (answer.reason() != null) {
                refused.accept(answer.reason());
            }
            reason = reason == null ? answer.reason() : reason;
            afterwards.add(answer.afterwards());
        }
        String told = client.wantsReasons() ? reason : null;
        int packetId = message.variableHeader().messageId();
        // An acknowledged subscription of a session that outlives its connection survives the server, too.
        topics.forEach(topic -> subscriptions.keep(topic.topicFilter(), writes));
        afterAll(writes, () -> {
            flusher.write(ControlPackets.subscriptions(
                    flusher.alloc(), client.level(), true, packetId, codes, told, client.maxPacketSize()));
            afterwards.forEach(Runnable::run);
        });
    }

    private void afterAll(List<CompletableFuture<Void>> writes, Runnable then) {
        if (writes.isEmpty()) {
            then.run();
            return;
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
        all.whenCompleteAsync(
                (done, failure) -> {
                    if (failure != null) {
                        failed.accept(ResourceException.from(failure));
                    } else if (!subscriptions.isClosed()) {
                        then.run();
                        outbound.batchEnd();
                    }
                },
                flusher.executor());
    }

    /** What SUBSCRIBE asks for with all of its filters. */
    private record Wish(int subscriptionId, @Nullable String accept, String query) {}

    private Answer subscribe(MqttTopicSubscription topic, Wish wish, List<CompletableFuture<Void>> writes) {
        if (server.config.refusedFilters().contains(topic.topicFilter())) {
            return new Answer(
                    ReasonCode.UNSPECIFIED_ERROR.wire(),
                    "nobody may subscribe to '" + topic.topicFilter() + "' (mqtt.refused-filters)",
                    Answer.NOTHING);
        }
        try {
            Format format = wish.accept() == null ? client.format() : server.mapping.format(wish.accept());
            SubscriptionOptions options = new SubscriptionOptions(
                    topic.topicFilter(),
                    topic.option().qos().value(),
                    topic.option().isNoLocal(),
                    topic.option().isRetainAsPublished(),
                    wish.subscriptionId(),
                    format,
                    wish.query());
            Runnable afterwards = subscriptions.take(options, topic.option().retainHandling(), writes);
            return new Answer((byte) options.qos(), null, afterwards);
        } catch (ResourceException e) {
            ReasonCode code = Refusal.of(e.code()).suback();
            return new Answer(client.level() == 5 ? code.wire() : (byte) 0x80, e.getMessage(), Answer.NOTHING);
        }
    }

    /** Takes an UNSUBSCRIBE. */
    void unsubscribe(MqttUnsubscribeMessage message) {
        List<String> filters = message.payload().topics();
        byte[] codes = new byte[filters.size()];
        String reason = null;
        List<CompletableFuture<Void>> writes = new ArrayList<>(0);
        for (int i = 0; i < codes.length; i++) {
            String filter = filters.get(i);
            codes[i] = subscriptions.remove(filter, writes).wire();
            try {
                TopicFilter.of(filter);
            } catch (ResourceException e) {
                codes[i] = ReasonCode.TOPIC_FILTER_INVALID.wire();
                reason = e.getMessage();
            }
        }
        String told = client.wantsReasons() ? reason : null;
        int packetId = message.variableHeader().messageId();
        afterAll(
                writes,
                () -> flusher.write(ControlPackets.subscriptions(
                        flusher.alloc(), client.level(), false, packetId, codes, told, client.maxPacketSize())));
    }
}
