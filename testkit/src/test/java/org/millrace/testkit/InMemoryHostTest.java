package org.millrace.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.Transport;

class InMemoryHostTest {
    private final InMemoryHost host = InMemoryHost.create();
    private final Resources resources = host.resources();

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    @Test
    void currentStateComesBeforeLiveChangesAndBothWaitForDemand() {
        put("a/1", "1");
        Recorder recorder = new Recorder();
        var subscription = resources.subscribe(SubscribeRequest.every(TopicFilter.of("a/#"), Start.CURRENT), recorder);
        put("a/2", "2");
        put("b/2", "2");
        assertThat(recorder.seen).isEmpty();

        subscription.request(1);
        assertThat(recorder.seen).containsExactly("CURRENT a/1", "caught up");

        subscription.request(1);
        assertThat(recorder.seen).containsExactly("CURRENT a/1", "caught up", "LIVE a/2");
        subscription.close();
        put("a/3", "3");
        assertThat(recorder.seen).hasSize(3);
    }

    @Test
    void subscriberResumesAfterItsCursor() {
        put("a/1", "1");
        Cursor cursor = put("a/2", "2");
        put("a/3", "3");
        Recorder recorder = new Recorder();

        resources
                .subscribe(SubscribeRequest.every(TopicFilter.ALL, new Start.After(cursor)), recorder)
                .request(10);

        assertThat(recorder.seen).containsExactly("LIVE a/3", "caught up");
    }

    @Test
    void liveQueryTellsWhatEntersAndLeavesByTheTestsOwnCondition() throws Exception {
        ContentRules rules = new ContentRules() {
            @Override
            public BiPredicate<Path, Content> condition(String query) {
                return (_, content) -> new String(content.toByteArray(), UTF_8).equals(query);
            }
        };
        try (InMemoryHost asked = InMemoryHost.create(InMemoryHost.Options.DEFAULT.withRules(rules))) {
            Resources view = asked.resources();
            view.put(Path.of("a/1"), json("1"), WriteOptions.DEFAULT);
            view.put(Path.of("a/2"), json("2"), WriteOptions.DEFAULT);
            Recorder recorder = new Recorder();
            view.subscribe(
                            SubscribeRequest.every(TopicFilter.of("a/#"), Start.CURRENT)
                                    .withQuery("1"),
                            recorder)
                    .request(10);
            view.put(Path.of("a/2"), json("1"), WriteOptions.DEFAULT);
            view.put(Path.of("a/2"), json("1"), WriteOptions.DEFAULT);
            view.put(Path.of("a/1"), json("3"), WriteOptions.DEFAULT);
            view.put(Path.of("a/1"), json("4"), WriteOptions.DEFAULT);

            assertThat(recorder.seen)
                    .containsExactly("CURRENT a/1", "caught up", "ENTER a/2", "UPDATE a/2", "LEAVE a/1");
        }
    }

    @Test
    void customResourceAddsAWriteAndRefusesAnother() {
        host.context("rules", Map.of()).extensions().offer(CustomResource.POINT, new CustomResource() {
            @Override
            public List<TopicFilter> filters() {
                return List.of(TopicFilter.of("a/#"));
            }

            @Override
            public CompletionStage<Accepted> accept(Write write, Caller caller) {
                if (write instanceof Write.Delete) {
                    throw new ResourceException(ErrorCode.CONFLICT, "not to be deleted");
                }
                return CompletableFuture.completedStage(Accepted.of(write)
                        .and(new Write.Put(Path.of("log/last"), json("\"seen\""), WriteOptions.DEFAULT)));
            }

            @Override
            public CompletionStage<Optional<Entry>> read(Path path, Optional<Entry> stored, Caller caller) {
                return CompletableFuture.completedStage(
                        Optional.of(Entry.computed(path, json("42"), Instant.ofEpochMilli(1))));
            }
        });
        put("a/1", "1");

        assertThat(host.records()).containsOnlyKeys(Path.of("a/1"), Path.of("log/last"));
        assertThat(resources.get(Path.of("a/2")))
                .isCompletedWithValueMatching(e -> e.orElseThrow().content().equals(json("42")));
        assertThat(resources.delete(Path.of("a/1"), WriteOptions.DEFAULT))
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withMessageContaining("not to be deleted");
    }

    @Test
    void latestSkipsStatesThatWereOvertaken() {
        Recorder recorder = new Recorder();
        var subscription = resources.subscribe(SubscribeRequest.latest(TopicFilter.ALL, Start.NOW), recorder);
        put("a/1", "1");
        put("a/2", "1");
        put("a/1", "2");

        subscription.request(10);

        assertThat(recorder.seen).containsExactly("LIVE a/2", "LIVE a/1");
    }

    @Test
    void eventInMemoryIsMissedWithoutDemand() {
        Recorder recorder = new Recorder();
        var subscription = resources.subscribe(SubscribeRequest.every(TopicFilter.ALL, Start.NOW), recorder);
        WriteOptions memory = WriteOptions.DEFAULT.withDurability(Durability.MEMORY);
        resources.publish(Path.of("a/1"), json("1"), memory);
        subscription.request(10);
        resources.publish(Path.of("a/2"), json("2"), memory);

        assertThat(recorder.seen).containsExactly("LIVE a/2");
        assertThat(host.records()).isEmpty();
    }

    @Test
    void refusedTransactionLeavesNothingBehind() {
        put("a/1", "1");
        var writes = List.<Write>of(
                new Write.Put(Path.of("a/2"), json("2"), WriteOptions.DEFAULT),
                new Write.Delete(Path.of("a/3"), WriteOptions.DEFAULT.withPrecondition(Precondition.PRESENT)));

        assertThat(resources.transact(writes)).failsWithin(Duration.ofSeconds(5));
        assertThat(host.records()).containsOnlyKeys(Path.of("a/1"));
    }

    @Test
    void malformedJsonIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> json("{\"a\":[1,2,}"))
                .isInstanceOf(ResourceException.class)
                .hasMessage("malformed JSON at byte 10");
        assertThat(host.contents()
                        .detect("{\"a\": [1, 2.5e3, \"\\u00e9\"]} ".getBytes(UTF_8))
                        .mediaType())
                .isEqualTo(MediaType.JSON);
        assertThat(host.contents().detect("{a:1}".getBytes(UTF_8)).mediaType()).isEqualTo(MediaType.OCTET_STREAM);
    }

    record Shape(
            @Setting(value = "30s") Duration idleTimeout,
            @Setting(value = "64KiB") ByteSize size,
            @Setting(inline = true) ListenerSettings listener) {}

    @Test
    void settingsAreBoundWithDefaultsAndUnknownKeysAreRefused() {
        Shape shape =
                host.context("x", Map.of("idle-timeout", "250ms", "port", "0")).config(Shape.class);

        assertThat(shape.idleTimeout()).hasMillis(250);
        assertThat(shape.size().bytes()).isEqualTo(65_536);
        assertThat(shape.listener().maxConnections()).isEqualTo(100_000);
        assertThatThrownBy(() ->
                        host.context("x", Map.of("prot", "1", "size", "x")).config(Shape.class))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("unknown key prot", "size: 'x'");
    }

    @Test
    void peerTalksToAListenerOnLoopback() throws Exception {
        var settings = host.context("echo", Map.of()).config(Shape.class).listener();
        host.context("echo", Map.of()).service(Transport.class).listen("echo", settings, new Echo());

        try (RawPeer peer = RawPeer.connect(host.address("echo"))) {
            peer.sendHex("00 ff 61").expectHex("00ff61");
            peer.send("line\n");
            assertThat(peer.readUntil("\n")).isEqualTo("line\n");
            peer.halfClose().expectClosed();
        }
    }

    private static final class Echo implements StreamProtocol {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public void initialize(Channel channel, ConnectionInfo via) {
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    context.writeAndFlush(message);
                }
            });
        }
    }

    private static final class Recorder implements Subscriber {
        private final List<String> seen = new ArrayList<>();

        @Override
        public void onChange(Change change, Reason reason) {
            seen.add(reason + " " + change.path());
        }

        @Override
        public void onCaughtUp(Cursor at) {
            seen.add("caught up");
        }

        @Override
        public void onClosed(ResourceException reason) {
            seen.add("closed " + reason.code());
        }
    }

    private Content json(String text) {
        return host.contents().of(MediaType.JSON, text.getBytes(UTF_8));
    }

    private Cursor put(String path, String text) {
        return resources
                .put(Path.of(path), json(text), WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join()
                .cursor();
    }

    @Test
    void whomTheHostDoesNotKnowAPluginMay() throws Exception {
        try (InMemoryHost other = InMemoryHost.create()) {
            other.addUser("ada:secret", new Identity("ada", Set.of("admin")));
            Authenticator guests =
                    (credentials, via) -> CompletableFuture.completedStage(new Identity("guest", Set.of()));
            Registration offer = other.context("guests", Map.of()).extensions().offer(Authenticator.POINT, guests);
            Authenticator asked = other.context("test", Map.of()).authenticator();
            ConnectionInfo via = new ConnectionInfo("test", "test", false, "");

            assertThat(asked.authenticate(new Credentials.Password("ada", "secret"), via))
                    .isCompletedWithValueMatching(who -> who.name().equals("ada"));
            assertThat(asked.authenticate(new Credentials.Bearer("x"), via))
                    .isCompletedWithValueMatching(who -> who.name().equals("guest"));
            offer.close();
            assertThat(asked.authenticate(new Credentials.Bearer("x"), via)).isCompletedExceptionally();
        }
    }
}
