package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * One test for each normative statement of MQTT 5 and of 3.1.1 that binds a server, over a real socket, and the table of
 * them in docs/mqtt-conformance.md: {@code -Dmqtt.conformance.write=true} writes it, else it is checked.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConformanceTest {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Map<String, Boolean> OUTCOMES = Collections.synchronizedMap(new TreeMap<>());
    private static MqttHost mqtt;

    @BeforeAll
    static void start() throws Exception {
        mqtt = MqttHost.start("max-packet-size", "128KiB", "receive-maximum", "20");
        mqtt.host().addMechanism(QuestionMechanism.NAME, via -> new QuestionMechanism());
    }

    @AfterAll
    static void stop() throws Exception {
        mqtt.close();
    }

    private static List<ConformanceCheck> checks() {
        ConformanceCheck.Chapter chapter = new ConformanceCheck.Chapter();
        BasicsConformance.add(chapter);
        ConnectConformance.add(chapter);
        SessionConformance.add(chapter);
        PublishConformance.add(chapter);
        PropertyConformance.add(chapter);
        SubscribeConformance.add(chapter);
        DeliveryConformance.add(chapter);
        EndConformance.add(chapter);
        AuthenticationConformance.add(chapter);
        return chapter.checks();
    }

    @TestFactory
    @Order(1)
    Stream<DynamicTest> mqtt5() {
        return tests(5);
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> mqtt311() {
        return tests(4);
    }

    private static Stream<DynamicTest> tests(int level) {
        return checks().stream()
                .filter(c -> c.level() == level)
                .map(check -> DynamicTest.dynamicTest(check.name(), () -> {
                    String key = level + " " + check.statement();
                    OUTCOMES.put(key, false);
                    check.body().run(new Dialect(level, mqtt, "t" + COUNT.incrementAndGet() + "/a"));
                    OUTCOMES.put(key, true);
                }));
    }

    @Test
    @Order(3)
    void theTableInTheDocumentsIsTheOneOfThisRun() throws IOException {
        Path page = Path.of(System.getProperty("basedir", ".")).resolve("../../docs/mqtt-conformance.md");
        String table = ConformanceTable.render(checks(), OUTCOMES);
        if (Boolean.getBoolean("mqtt.conformance.write")) {
            Files.writeString(page, table);
        }
        assertThat(Files.readString(page))
                .as("docs/mqtt-conformance.md is stale; write it with -Dmqtt.conformance.write=true")
                .isEqualTo(table);
    }

    @Test
    @Order(4)
    void everyStatementThatBindsAServerHasATest() throws IOException {
        assertThat(ConformanceTable.untested(checks())).isEmpty();
    }

    @Test
    @Order(5)
    void everyTestThatIsNamedFromElsewhereExists() throws IOException {
        Path root = Path.of(System.getProperty("basedir", ".")).resolve("../..");
        for (String name : ConformanceTable.testsElsewhere()) {
            int dot = name.indexOf('.');
            assertThat(sources(root, name.substring(0, dot) + ".java"))
                    .as("sources of %s", name)
                    .anyMatch(source ->
                            source.contains("@Test") && source.contains("void " + name.substring(dot + 1) + "("));
        }
    }

    /** The tests of that name in this tree. */
    private static List<String> sources(Path root, String fileName) throws IOException {
        List<String> sources = new ArrayList<>();
        for (String part : List.of("plugins", "distribution/src/test/java")) {
            try (Stream<Path> files = Files.find(
                    root.resolve(part),
                    16,
                    (path, attributes) -> path.endsWith(fileName) && attributes.isRegularFile())) {
                for (Path file : files.toList()) {
                    sources.add(Files.readString(file));
                }
            }
        }
        return sources;
    }
}
