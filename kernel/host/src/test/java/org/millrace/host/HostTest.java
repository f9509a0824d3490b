package org.millrace.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.ConfigurationSources;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.TlsSettings;
import org.millrace.spi.transport.Transport;
import org.millrace.store.StoreOpenException;

class HostTest {
    private static final org.millrace.spi.resource.Path RECORD = org.millrace.spi.resource.Path.of("t/1");
    private static final ListenerSettings ANY_PORT =
            new ListenerSettings(0, "", 10, Duration.ofSeconds(5), new TlsSettings("", "", ""));

    @TempDir
    private Path directory;

    @Test
    void whatWasAcknowledgedIsThereAfterARestart() throws Exception {
        Commit commit;
        try (TestHost host = TestHost.start(directory)) {
            commit = TestHost.await(host.client().put(RECORD, host.json("{\"a\":1}"), WriteOptions.DEFAULT));
        }

        try (TestHost host = TestHost.start(directory)) {
            Entry entry = TestHost.await(host.client().get(RECORD)).orElseThrow();
            assertThat(entry.version()).isEqualTo(commit.version());
            assertThat(entry.content().toByteArray())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("{\"a\":1}");
            Commit next = TestHost.await(host.client().put(RECORD, host.json("2"), WriteOptions.DEFAULT));
            assertThat(next.cursor().node()).isEqualTo(commit.cursor().node());
            assertThat(next.cursor().position()).isEqualTo(commit.cursor().position() + 1);
            assertThat(next.version()).isGreaterThan(commit.version());
        }
    }

    @Test
    void aPluginsStoreAndCursorsAreThereAfterARestart() throws Exception {
        Cursor cursor;
        try (TestHost host = TestHost.start(directory)) {
            cursor = TestHost.await(host.client().put(RECORD, host.json("1"), WriteOptions.DEFAULT))
                    .cursor();
            TestHost.await(host.context().store().put("session/a", new byte[] {1}));
            TestHost.await(host.context().store().put("session/b", new byte[] {2}));
            TestHost.await(host.context().store().put("other", new byte[] {3}));
            TestHost.await(host.context().store().remove("session/b"));
            TestHost.await(host.context().cursors().save("c", cursor));
            TestHost.await(host.context().cursors().save("gone", cursor));
            TestHost.await(host.context().cursors().remove("gone"));
        }

        try (TestHost host = TestHost.start(directory)) {
            Map<String, Byte> found = new TreeMap<>();
            host.context().store().forEach("session/", (key, value) -> found.put(key, value[0]));
            assertThat(found).containsExactly(Map.entry("session/a", (byte) 1));
            assertThat(host.context().store().get("other"))
                    .hasValueSatisfying(v -> assertThat(v).containsExactly(3));
            assertThat(host.context().store().get("session/b")).isEmpty();
            assertThat(host.context().cursors().get("c")).contains(cursor);
            assertThat(host.context().cursors().get("gone")).isEmpty();
        }
    }

    @Test
    void anEmptyKeyIsRefused() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            assertThatExceptionOfType(ResourceException.class)
                    .isThrownBy(() -> host.context().store().get(""))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
        }
    }

    @Test
    void aSecondHostOnTheSameDataIsRefusedAndTheFirstGoesOn() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            assertThatExceptionOfType(StoreOpenException.class)
                    .isThrownBy(() -> TestHost.start(directory))
                    .withMessageContaining(directory.resolve("data").toString());

            TestHost.await(host.client().put(RECORD, host.json("1"), WriteOptions.DEFAULT));
        }
    }

    @Test
    void aFailureHalfWayUndoesEverything() throws Exception {
        List<String> news = new ArrayList<>();
        List<Listener> listeners = new ArrayList<>();
        Plugin first = new Plugin() {
            @Override
            public void start(PluginContext context) throws Exception {
                listeners.add(context.service(Transport.class).listen("first", ANY_PORT, new Silent()));
            }

            @Override
            public void stop() {
                news.add("stopped first");
            }
        };
        Plugin second = new Plugin() {
            @Override
            public void start(PluginContext context) throws IOException {
                throw new IOException("cannot");
            }

            @Override
            public void stop() {
                news.add("stopped second");
            }
        };
        Host.Builder builder = Host.builder(TestHost.configuration(directory))
                .plugin("first", first)
                .plugin("second", second);

        assertThatExceptionOfType(IOException.class).isThrownBy(builder::start).withMessage("cannot");

        assertThat(news).containsExactly("stopped second", "stopped first");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new Socket(
                        listeners.getFirst().address().getAddress(),
                        listeners.getFirst().address().getPort()));
        try (TestHost again = TestHost.start(directory)) {
            assertThat(again.host().listeners()).isEmpty();
        }
    }

    @Test
    void thePluginsListenersAreTheHosts() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            Listener listener = host.context().service(Transport.class).listen("test", ANY_PORT, new Silent());

            assertThat(host.host().listeners()).containsExactly(Map.entry("test", listener.address()));
        }
    }

    @Test
    void stoppingClosesConnectionsAfterThePluginsGoodBye() throws Exception {
        List<String> order = new ArrayList<>();
        Silent protocol = new Silent();
        Plugin plugin = new Plugin() {
            @Override
            public void start(PluginContext context) throws Exception {
                context.service(Transport.class).listen("bye", ANY_PORT, protocol);
            }

            @Override
            public void stop() {
                order.add("open " + protocol.channels.getFirst().isOpen());
            }
        };
        Host host = Host.builder(TestHost.configuration(directory))
                .plugin("bye", plugin)
                .start();
        try (Socket socket = new Socket("127.0.0.1", host.listeners().get("bye").getPort())) {
            await().until(() -> protocol.channels.size() == 1);

            host.close();

            assertThat(order).containsExactly("open true");
            socket.setSoTimeout(5_000);
            assertThat(socket.getInputStream().read()).isNegative();
        }
    }

    @Test
    void aStoppedPluginsContextIsOfNoUse() throws Exception {
        TestHost host = TestHost.start(directory);
        PluginContext context = host.context();
        Resources client = host.client();
        host.close();

        assertThatIllegalStateException().isThrownBy(context::store);
        assertThatIllegalStateException().isThrownBy(() -> context.service(Transport.class));
        assertThatIllegalStateException().isThrownBy(() -> host.client());
        assertThat(context.pluginId()).isEqualTo("test");
        assertThat(client.get(RECORD).toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void aPluginsTasksEndWithIt() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean running = new AtomicBoolean();
        TestHost host = TestHost.start(directory);
        host.context().executor().execute(() -> {
            running.set(true);
            try {
                TimeUnit.MINUTES.sleep(1);
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        await().untilTrue(running);

        host.close();

        assertThat(interrupted).isTrue();
        assertThat(host.context().pluginId()).isEqualTo("test");
    }

    @Test
    void aPluginsTasksRunInTheContextOfItsClasses() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            Callable<ClassLoader> context = () -> Thread.currentThread().getContextClassLoader();
            Thread caller = Thread.currentThread();
            ClassLoader before = caller.getContextClassLoader();
            caller.setContextClassLoader(ClassLoader.getPlatformClassLoader());
            try {
                ClassLoader own = TestHost.class.getClassLoader();
                assertThat(host.context().executor().submit(context).get()).isSameAs(own);
                assertThat(host.context()
                                .scheduler()
                                .schedule(context, 0, TimeUnit.MILLISECONDS)
                                .get())
                        .isSameAs(own);
            } finally {
                caller.setContextClassLoader(before);
            }
        }
    }

    @Test
    void anUnknownServiceIsRefusedWithTheKnownOne() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> host.context().service(Runnable.class))
                    .withMessageContaining(Transport.class.getName());
        }
    }

    @Test
    void grantsGoByTheRolesOfTheUser() throws Exception {
        Path file = Files.writeString(directory.resolve("millrace.yaml"), """
            auth:
              users:
                - {name: alice, password: wonderland, roles: [reader]}
                - {name: root, password: secret, roles: [admin]}
              roles:
                - {name: reader, read: ["t/#"], subscribe: ["t/#"]}
            """);
        Configuration configuration = Configuration.load(new ConfigurationSources(
                file,
                Map.of(),
                List.of("data=" + directory.resolve("data"), "plugins.directory=" + directory.resolve("plugins"))));
        List<PluginContext> contexts = new ArrayList<>();
        try (Host host =
                Host.builder(configuration).plugin("test", contexts::add).start()) {
            assertThat(host.listeners()).isEmpty();
            PluginContext context = contexts.getFirst();
            ConnectionInfo via = new ConnectionInfo("test", "127.0.0.1:1", false, "");
            Identity alice = TestHost.await(
                    context.authenticator().authenticate(new Credentials.Password("alice", "wonderland"), via));
            assertThat(alice).isEqualTo(new Identity("alice", Set.of("reader")));
            Resources reader = context.resources(alice, via, context.executor());
            Resources admin = context.resources(new Identity("root", Set.of("admin")), via, context.executor());
            var content = context.contents().detect("1".getBytes(StandardCharsets.UTF_8));

            TestHost.await(admin.put(RECORD, content, WriteOptions.DEFAULT));
            assertThat(TestHost.await(reader.get(RECORD))).isPresent();
            assertForbidden(() -> TestHost.await(reader.put(RECORD, content, WriteOptions.DEFAULT)), "alice");
            assertForbidden(() -> TestHost.await(reader.get(org.millrace.spi.resource.Path.of("other/1"))), "other/1");
            Resources stranger = context.resources(Identity.ANONYMOUS, via, context.executor());
            assertForbidden(() -> TestHost.await(stranger.get(RECORD)), "anonymous");
        }
    }

    private static void assertForbidden(org.assertj.core.api.ThrowableAssert.ThrowingCallable act, String named) {
        assertThatExceptionOfType(Exception.class).isThrownBy(act).satisfies(e -> {
            assertThat(ResourceException.from(e).code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(ResourceException.from(e)).hasMessageContaining(named);
        });
    }

    @Test
    void unusableUsersKeepTheHostFromStarting() throws Exception {
        Path file = Files.writeString(
                directory.resolve("millrace.yaml"), "auth: {users: [{name: alice, password: x, roles: [nobody]}]}");
        Configuration configuration = Configuration.load(
                new ConfigurationSources(file, Map.of(), List.of("data=" + directory.resolve("data"))));

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Host.start(configuration))
                .withMessageContaining("'nobody'");
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void aHostWithoutPluginsRuns() throws Exception {
        try (Host host = Host.start(TestHost.configuration(directory))) {
            assertThat(host.plugins()).isEmpty();
            assertThat(host.listeners()).isEmpty();
        }
    }

    @Test
    void metricsOfPluginsAreTheHosts() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            host.context().metrics().counter("packets", "Packets.").increment();

            assertThat(host.host().metrics()).contains("millrace_test_packets_total 1", "millrace_store_writable 1");
        }
    }

    /** Takes connections and says nothing. */
    private static final class Silent implements StreamProtocol {
        final List<Channel> channels = new java.util.concurrent.CopyOnWriteArrayList<>();

        @Override
        public String name() {
            return "silent";
        }

        @Override
        public void initialize(Channel channel, ConnectionInfo via) {
            channels.add(channel);
        }
    }
}
