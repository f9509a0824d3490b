package org.millrace.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;

/**
 * What every plugin that serves a protocol has to stand. Extend it in the plugin's tests and say how a client of the
 * protocol speaks; the tests are inherited. A plugin without a listener of its own, such as one that takes routes or
 * upgrades of the HTTP plugin's port, says with {@link #startBeside} which plugin has it.
 *
 * <ul>
 *   <li>Its constructor does nothing.
 *   <li>Started and stopped twenty times, each time in a class loader of its own and with a client, it leaves no thread,
 *       no open port and no class loader behind.
 *   <li>Each {@link ErrorCode} reaches the client in the protocol's terms, and the host serves on.
 *   <li>A client that asks for much and reads nothing does not make the plugin take what it cannot send.
 *   <li>Random bytes, and greetings that break off, harm nobody else and leave no connection behind.
 *   <li>A client without credentials, where they are needed, is refused in the protocol's terms.
 * </ul>
 */
public abstract class PluginContract {
    private static final int CYCLES = 20;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int RECORDS = 400;
    private static final int RECORD_BYTES = 200_000;
    /** A fifth of all there is: room for what the sockets of both sides hold, and for the plugin's own bound. */
    private static final long MOST_TAKEN = (long) RECORDS * RECORD_BYTES / 5;

    private static final int GARBAGE_PEERS = 50;

    /** For the author's subclass. */
    protected PluginContract() {}

    /**
     * The plugin's id.
     *
     * @return an id
     */
    protected abstract String pluginId();

    /**
     * The name of the listener that the plugin's clients come by.
     *
     * @return the plugin's id unless overridden
     * @since 0.1
     */
    protected String listener() {
        return pluginId();
    }

    /**
     * Starts what the plugin cannot be used without, such as the plugin whose port it shares. Called before each start of
     * the plugin itself.
     *
     * @param host a host without plugins
     * @throws Exception if a plugin does not start
     * @since 0.1
     */
    protected void startBeside(InMemoryHost host) throws Exception {}

    /**
     * Whether clients of the protocol only follow records and never set any. They are then told of a refused
     * {@link ProtocolClient#follow} what others are told of a refused {@link ProtocolClient#put}.
     *
     * @return false unless overridden
     * @since 0.1
     */
    protected boolean readsOnly() {
        return false;
    }

    /**
     * Whether clients come by datagrams and not by connections. A datagram that breaks off is none, and nothing is left
     * open by who sent one.
     *
     * @return false unless overridden
     * @since 0.1
     */
    protected boolean overDatagrams() {
        return false;
    }

    /**
     * The plugin's class, which has a public constructor without parameters as a host needs it.
     *
     * @return the class
     */
    protected abstract Class<? extends Plugin> pluginClass();

    /**
     * Settings beyond the defaults.
     *
     * @return keys and values of the plugin's section; none unless overridden
     */
    protected Map<String, String> settings() {
        return Map.of();
    }

    /**
     * What a host knows of contents.
     *
     * @return options of the host; the usual unless overridden
     */
    protected InMemoryHost.Options hostOptions() {
        return InMemoryHost.Options.DEFAULT;
    }

    /**
     * Connects a client that needs no credentials.
     *
     * @param address the plugin's listener
     * @return a client that was let in
     * @throws Exception if it was not
     */
    protected abstract ProtocolClient connect(InetSocketAddress address) throws Exception;

    /**
     * Comes as a client without credentials, and sets the record {@code t/1}, or follows it, if it is let in.
     *
     * @param address the plugin's listener
     * @return what the client was told, in the protocol's own term
     * @throws Exception if the connection fails before it is told anything
     */
    protected abstract String comeWithoutCredentials(InetSocketAddress address) throws Exception;

    /**
     * What a client is told whose credentials are missing.
     *
     * @return the protocol's term
     */
    protected abstract String unauthenticated();

    /**
     * What a client is told whose act was accepted.
     *
     * @return the protocol's term, as {@link ProtocolClient#put} or {@link ProtocolClient#follow} gives it
     */
    protected abstract String accepted();

    /**
     * What a client is told whose act was refused.
     *
     * @param code why
     * @return the protocol's term, as {@link ProtocolClient#put} or {@link ProtocolClient#follow} gives it
     */
    protected abstract String refused(ErrorCode code);

    /**
     * The bytes a client begins with; any proper beginning of them is a greeting that breaks off.
     *
     * @return at least two bytes
     */
    protected abstract byte[] greeting();

    @Test
    void theConstructorDoesNothing() throws Exception {
        Set<Thread> before = Leftovers.threads();
        pluginClass().getConstructor().newInstance();
        Leftovers.awaitNoThreadBeyond(before, Duration.ZERO);
    }

    @Test
    void twentyStartsAndStopsLeaveNoThreadNoPortAndNoClassLoader() throws Exception {
        cycle(pluginClass().getConstructor().newInstance()); // what the libraries start once for all
        Set<Thread> before = Leftovers.threads();
        Leftovers leftovers = new Leftovers();
        for (int i = 0; i < CYCLES; i++) {
            leftovers.add(cycleInALoaderOfItsOwn());
        }
        leftovers.awaitNoLoader(SOON);
        Leftovers.awaitNoThreadBeyond(before, SOON);
    }

    private IsolatedClasses cycleInALoaderOfItsOwn() throws Exception {
        IsolatedClasses loader = new IsolatedClasses(getClass().getClassLoader());
        ClassLoader usual = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            Object plugin =
                    loader.loadClass(pluginClass().getName()).getConstructor().newInstance();
            assertEquals(loader, plugin.getClass().getClassLoader(), "the class is to be loaded anew");
            cycle((Plugin) plugin);
        } finally {
            Thread.currentThread().setContextClassLoader(usual);
        }
        return loader;
    }

    private void cycle(Plugin plugin) throws Exception {
        InetSocketAddress address;
        try (InMemoryHost host = InMemoryHost.create(hostOptions())) {
            startBeside(host);
            host.start(pluginId(), plugin, settings());
            address = host.address(listener());
            try (ProtocolClient client = connect(address)) {
                assertEquals(accepted(), act(client, "t/1"));
            }
        }
        Leftovers.assertNobodyListens(address, overDatagrams());
    }

    private String act(ProtocolClient client, String path) throws Exception {
        return readsOnly() ? client.follow(path) : client.put(path, "1");
    }

    @TestFactory
    DynamicTest[] everyErrorCodeReachesTheClientInTheProtocolsTerms() {
        return java.util.Arrays.stream(ErrorCode.values())
                .map(code -> DynamicTest.dynamicTest(code.name(), () -> refuse(code)))
                .toArray(DynamicTest[]::new);
    }

    private void refuse(ErrorCode code) throws Exception {
        try (InMemoryHost host = started()) {
            try (ProtocolClient client = connect(host.address(listener()))) {
                refuseAll(host, Optional.of(new ResourceException(code, "as the contract wants it")));
                assertEquals(refused(code), act(client, "t/1"));
            }
            refuseAll(host, Optional.empty());
            try (ProtocolClient client = connect(host.address(listener()))) {
                assertEquals(accepted(), act(client, "t/1"), "afterwards");
            }
        }
    }

    private static void refuseAll(InMemoryHost host, Optional<ResourceException> why) {
        host.faults().refuseWrites(why);
        host.faults().refuseSubscriptions(why);
    }

    @Test
    void aClientThatReadsNothingIsNotReadFor() throws Exception {
        try (InMemoryHost host = started()) {
            byte[] text = ("\"" + "x".repeat(RECORD_BYTES - 2) + "\"").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < RECORDS; i++) {
                host.resources()
                        .put(Path.of("t/" + i), host.contents().of(MediaType.JSON, text.clone()), WriteOptions.DEFAULT)
                        .toCompletableFuture()
                        .join();
            }
            try (ProtocolClient slow = connect(host.address(listener()))) {
                slow.askForAllAndReadNothing("t");
                Leftovers.await("the plugin begins to send", SOON, () -> host.deliveredBytes() > 0);
                long seen = -1;
                while (seen != host.deliveredBytes()) { // until no more is taken
                    seen = host.deliveredBytes();
                    try (ProtocolClient other = connect(host.address(listener()))) {
                        for (int i = 0; i < 20; i++) {
                            assertEquals(accepted(), act(other, "others/" + i));
                        }
                    }
                }
                long taken = seen;
                assertTrue(
                        taken <= MOST_TAKEN,
                        () -> "the plugin took " + taken + " bytes for a client that reads none of them; at most "
                                + MOST_TAKEN + " are for the sockets and the plugin's own bound");
            }
        }
    }

    @Test
    void garbageAndGreetingsThatBreakOffHarmNobodyElse() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (InMemoryHost host = started();
                ProtocolClient other = connect(host.address(listener()))) {
            for (int i = 0; i < GARBAGE_PEERS; i++) {
                byte[] bytes = new byte[1 + random.nextInt(2_000)];
                random.nextBytes(bytes);
                String of = "seed " + seed + ", peer " + i;
                boolean wrong = i % 2 == 0;
                byte[] sent = wrong ? bytes : beginning(random);
                if (overDatagrams()) {
                    Garbage.send(host.address(listener()), sent);
                } else {
                    Garbage.connectAndSend(host.address(listener()), sent, wrong, i % 3 == 0, of);
                }
                assertEquals(accepted(), act(other, "t/" + i), of);
            }
            Leftovers.await(
                    "only the good client is connected (seed " + seed + ")",
                    SOON,
                    () -> host.connections(listener()) == (overDatagrams() ? 0 : 1));
        }
    }

    private byte[] beginning(Random random) {
        byte[] whole = greeting();
        return java.util.Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
    }

    @Test
    void aClientWithoutCredentialsIsRefusedInTheProtocolsTerms() throws Exception {
        try (InMemoryHost host = started()) {
            host.addUser("ada:secret", new Identity("ada", Set.of("admin")));
            host.allowAnonymous(false);
            assertEquals(unauthenticated(), comeWithoutCredentials(host.address(listener())));
            assertTrue(host.record("t/1").isEmpty(), "nothing was written");
        }
    }

    private InMemoryHost started() throws Exception {
        InMemoryHost host = InMemoryHost.create(hostOptions());
        try {
            startBeside(host);
            host.start(pluginId(), pluginClass().getConstructor().newInstance(), settings());
            return host;
        } catch (Exception e) {
            host.close();
            throw e;
        }
    }
}
