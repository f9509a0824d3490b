package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.distribution.flaw.DecidesByAnOlderSpi;
import org.millrace.distribution.flaw.Listens;
import org.millrace.distribution.flaw.LoadsNativeCode;
import org.millrace.distribution.flaw.LosesItsThreads;
import org.millrace.distribution.flaw.NeedsALibrary;
import org.millrace.distribution.flaw.NeverMade;
import org.millrace.distribution.flaw.NeverStarts;
import org.millrace.distribution.flaw.ThrowsAtStart;
import org.millrace.distribution.flaw.ThrowsWhenMade;
import org.millrace.spi.plugin.Plugin;
import org.millrace.testkit.PluginJar;
import org.millrace.testkit.RawPeer;

/**
 * Jars with one flaw each, dropped into a running host: the report at {@code $sys/plugins} says cause and remedy, while
 * HTTP and MQTT clients on connections of their own notice nothing.
 */
class FlawedPluginsIT {
    private static final String SERVICE = "META-INF/services/" + Plugin.class.getName();

    @TempDir
    static Path folder;

    private static Path plugins;
    private static Path library;
    private static ServerSocket stranger;
    private static MillraceProcess host;
    private static SteadyLoad load;

    @BeforeAll
    static void startUnderLoad() throws Exception {
        plugins = Files.createDirectory(folder.resolve("plugins"));
        for (String shipped : new String[] {"http.jar", "mqtt.jar", "amqp.jar"}) {
            Files.copy(Path.of(System.getProperty("millrace.home"), "plugins", shipped), plugins.resolve(shipped));
        }
        library = folder.resolve("libempty.so");
        Path source = Files.writeString(folder.resolve("empty.c"), "int nothing;\n");
        Process gcc = new ProcessBuilder("gcc", "-shared", "-o", library.toString(), source.toString())
                .inheritIO()
                .start();
        assertThat(gcc.waitFor()).as("exit code of gcc").isZero();
        stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        host = MillraceProcess.start(
                folder.resolve("data"),
                "--plugins",
                plugins.toString(),
                "--set",
                "plugins.scan-interval=50ms",
                "--set",
                "plugins.start-timeout=2s",
                "--set",
                "taken.port=" + stranger.getLocalPort(),
                "--set",
                "older.port=0",
                "--set",
                "native1.library=" + library,
                "--set",
                "native2.library=" + library);
        load = new SteadyLoad(host);
    }

    @AfterEach
    void theOthersServedAllTheWhile() {
        load.expectNoFailure();
    }

    @AfterAll
    static void stop() throws Exception {
        try (ServerSocket port = stranger;
                MillraceProcess process = host;
                SteadyLoad others = load) {
            others.stopAndExpectNoFailure();
        }
    }

    private static PluginJar jar(String id, Class<? extends Plugin> type) throws IOException {
        return PluginJar.ofPackage(id, type);
    }

    private static void drop(String id, PluginJar jar) throws IOException {
        jar.write(plugins.resolve(id + ".jar"));
    }

    private static void assertReport(String id, String... parts) {
        await().untilAsserted(() -> {
            var answer = Http.get(host, "/$sys/plugins/" + id);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(Http.text(answer)).contains("\"state\":\"failed\"").contains(parts);
        });
    }

    private static String entry(Class<?> type) {
        return type.getName().replace('.', '/') + ".class";
    }

    private static byte[] bytes(String entry) throws IOException {
        try (var in = FlawedPluginsIT.class.getResourceAsStream("/" + entry)) {
            return in.readAllBytes();
        }
    }

    /** A class as if its interface had not had a method when it was compiled. */
    private static byte[] withoutMethod(String entry, String method) throws IOException {
        ClassFile classFile = ClassFile.of();
        return classFile.transformClass(
                classFile.parse(bytes(entry)),
                ClassTransform.dropping(each ->
                        each instanceof MethodModel model && model.methodName().equalsString(method)));
    }

    /** A class that calls a method by another name, as if it had been renamed since it was compiled. */
    private static byte[] calling(String entry, String method, String name) throws IOException {
        ClassFile classFile = ClassFile.of();
        CodeTransform renamed = (code, element) -> {
            if (element instanceof InvokeInstruction call && call.name().equalsString(method)) {
                code.invoke(call.opcode(), call.owner().asSymbol(), name, call.typeSymbol(), call.isInterface());
            } else {
                code.with(element);
            }
        };
        return classFile.transformClass(
                classFile.parse(bytes(entry)), ClassTransform.transformingMethodBodies(renamed));
    }

    @Test
    void aTruncatedJar() throws Exception {
        byte[] whole = Files.readAllBytes(jar("cut", ThrowsAtStart.class).write(folder.resolve("cut.jar")));

        Files.write(plugins.resolve("cut.jar"), Arrays.copyOf(whole, whole.length / 2));

        assertReport("cut", "cut.jar is no readable jar", "Copy it again");
    }

    @Test
    void noServicesFile() throws Exception {
        drop("unnamed", jar("unnamed", ThrowsAtStart.class).without(SERVICE));

        assertReport("unnamed", SERVICE);
    }

    @Test
    void twoProviders() throws Exception {
        String two = ThrowsAtStart.class.getName() + "\n" + NeverStarts.class.getName() + "\n";
        drop("two", jar("two", ThrowsAtStart.class).entry(SERVICE, two.getBytes(StandardCharsets.UTF_8)));

        assertReport("two", "ThrowsAtStart", "NeverStarts");
    }

    @Test
    void aMissingDependencyAtStart() throws Exception {
        drop("lacking", jar("lacking", NeedsALibrary.class).without("org/millrace/distribution/flaw/Library.class"));

        assertReport(
                "lacking",
                "class org.millrace.distribution.flaw.Library is missing from the plugin",
                "Add the library that holds it");
    }

    @Test
    void newerClassFiles() throws Exception {
        byte[] later = bytes(entry(ThrowsAtStart.class));
        later[7] += 3;
        drop("later", jar("later", ThrowsAtStart.class).entry(entry(ThrowsAtStart.class), later));

        assertReport("later", "it was built for Java 28, the host runs on Java 25");
    }

    @Test
    void aRemovedSpiMethod() throws Exception {
        String listens = entry(Listens.class);
        drop("abolished", jar("abolished", Listens.class).entry(listens, calling(listens, "listen", "listenWell")));

        assertReport(
                "abolished",
                "built against another version of the SPI",
                "org.millrace.spi.transport.Transport.listenWell",
                "Install a build for SPI");
    }

    @Test
    void anAddedSpiMethodThatIsCalledForAnOffer() throws Exception {
        String decision = "org/millrace/distribution/flaw/DecidesByAnOlderSpi$Decision.class";
        drop("decides", jar("decides", DecidesByAnOlderSpi.class).entry(decision, withoutMethod(decision, "filters")));

        await().untilAsserted(() -> assertThat(host.log())
                .contains("Plugin host failed to take the news that plugin decides offers a custom-resource")
                .contains("AbstractMethodError"));
    }

    @Test
    void anAddedSpiMethodThatIsCalledForAClient() throws Exception {
        String silence = "org/millrace/distribution/flaw/Listens$Silence.class";
        drop("older", jar("older", Listens.class).entry(silence, withoutMethod(silence, "initialize")));
        await().untilAsserted(() ->
                assertThat(Http.text(Http.get(host, "/$sys/plugins/older"))).contains("\"state\":\"started\""));

        int port = listeningPort("older");
        try (RawPeer client = RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            client.expectClosed();
        }

        await().untilAsserted(() -> assertThat(host.log()).contains("AbstractMethodError"));
    }

    private static int listeningPort(String listener) {
        var line = Pattern.compile("Listener " + listener + " on 127\\.0\\.0\\.1:(\\d+)")
                .matcher(host.log());
        assertThat(line.find()).as("a port of %s in the log", listener).isTrue();
        return Integer.parseInt(line.group(1));
    }

    @Test
    void aPluginThatBundlesSpiClasses() throws Exception {
        String spi = entry(Plugin.class);
        drop("bundles", jar("bundles", ThrowsAtStart.class).entry(spi, bytes(spi)));

        assertReport("bundles", "org/millrace/spi/plugin/Plugin.class");
    }

    @Test
    void anIdThatIsTaken() throws Exception {
        drop("mqtt-again", jar("mqtt", ThrowsAtStart.class));

        await().untilAsserted(() -> assertThat(Http.text(Http.get(host, "/$sys/plugins/mqtt")))
                .contains("\"source\":\"plugins/mqtt.jar\",\"state\":\"started\"")
                .contains("(plugins/mqtt-again.jar) failed at verify: plugin id mqtt runs already")
                .contains("Remove one of them"));
    }

    @Test
    void aPortThatIsTaken() throws Exception {
        drop("taken", jar("taken", Listens.class));

        assertReport("taken", "127.0.0.1:" + stranger.getLocalPort(), "in use", "taken.port");
    }

    @Test
    void aConstructorThatThrows() throws Exception {
        drop("unmade", jar("unmade", ThrowsWhenMade.class));

        assertReport("unmade", "no licence");
    }

    @Test
    void aConstructorThatHangs() throws Exception {
        drop("unending", jar("unending", NeverMade.class));

        assertReport("unending", "failed at load", "it did not return within 2000 ms", "NeverMade.<init>");
    }

    @Test
    void aStartThatThrows() throws Exception {
        drop("unstarted", jar("unstarted", ThrowsAtStart.class));

        assertReport("unstarted", "failed at start", "no directory of users");
    }

    @Test
    void aStartThatHangs() throws Exception {
        drop("hanging", jar("hanging", NeverStarts.class));

        assertReport("hanging", "it did not return within 2000 ms", "NeverStarts.start", "plugins.start-timeout");
    }

    @Test
    void threadsThatEndByAnException() throws Exception {
        drop("losing", jar("losing", LosesItsThreads.class));

        await().untilAsserted(() ->
                assertThat(Http.text(Http.get(host, "/$sys/plugins/losing"))).contains("\"state\":\"started\""));
        await().untilAsserted(() -> assertThat(host.log()).contains("java.lang.IllegalStateException: lost"));
    }

    @Test
    void aNativeLibraryThatTwoPluginsLoad() throws Exception {
        drop("native1", jar("native1", LoadsNativeCode.class));
        await().untilAsserted(() ->
                assertThat(Http.text(Http.get(host, "/$sys/plugins/native1"))).contains("\"state\":\"started\""));

        drop("native2", jar("native2", LoadsNativeCode.class));

        assertReport("native2", "has loaded the same native library file", "a copy of the library of its own");
    }
}
