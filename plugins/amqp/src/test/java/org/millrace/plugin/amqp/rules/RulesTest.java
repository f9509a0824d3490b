package org.millrace.plugin.amqp.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.millrace.plugin.amqp.AmqpPlugin;
import org.millrace.testkit.InMemoryHost;

/**
 * Every rule over a real socket, and the table of them in docs/amqp-conformance.md: {@code -Damqp.conformance.write=true}
 * writes it, else it is checked.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RulesTest {
    static final int IDLE_MILLIS = 1_200;
    static final int STRICT_LINKS = 3;
    static final int STRICT_CREDIT = 100;
    static final int STRICT_MESSAGE = 1_000;
    static final int STRICT_WINDOW = 16;

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Map<String, Boolean> OUTCOMES = Collections.synchronizedMap(new TreeMap<>());
    private static InMemoryHost host;
    private static InMemoryHost strict;

    @BeforeAll
    static void start() throws Exception {
        host = InMemoryHost.create();
        host.start("amqp", new AmqpPlugin(), Map.of("port", "0", "dead-letter-table", "dead"));
        strict = InMemoryHost.create();
        strict.start(
                "amqp",
                new AmqpPlugin(),
                Map.of(
                        "port", "0",
                        "idle-timeout", IDLE_MILLIS + "ms",
                        "open-timeout", "1s",
                        "max-links", "" + STRICT_LINKS,
                        "link-credit", "" + STRICT_CREDIT,
                        "session-window", "" + STRICT_WINDOW,
                        "max-message-size", "" + STRICT_MESSAGE));
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
        strict.close();
    }

    @TestFactory
    @Order(1)
    Stream<DynamicTest> rules() {
        return Rules.all().stream()
                .filter(rule -> rule.says().contains(System.getProperty("amqp.rule", "")))
                .map(rule -> DynamicTest.dynamicTest(rule.topic() + ": " + rule.says(), () -> {
                    InMemoryHost of = rule.strict() ? strict : host;
                    OUTCOMES.put(rule.says(), false);
                    try (RuleServer server = new RuleServer(of, "r" + COUNT.incrementAndGet())) {
                        rule.body().run(server);
                    } catch (AssertionError e) {
                        throw new AssertionError(rule.says() + ": " + e.getMessage(), e);
                    }
                    OUTCOMES.put(rule.says(), true);
                }));
    }

    @Test
    @Order(2)
    void theTableInTheDocumentsIsTheOneOfThisRun() throws IOException {
        Path page = Path.of(System.getProperty("basedir", ".")).resolve("../../docs/amqp-conformance.md");
        List<Rule> rules = Rules.all();
        String table = ConformanceTable.render(rules, OUTCOMES);
        if (Boolean.getBoolean("amqp.conformance.write")) {
            Files.writeString(page, table);
        }
        assertThat(Files.readString(page))
                .as("docs/amqp-conformance.md is stale; write it with -Damqp.conformance.write=true")
                .isEqualTo(table);
    }

    @Test
    @Order(3)
    void noTwoRulesSayTheSame() {
        assertThat(Rules.all()).extracting(Rule::says).doesNotHaveDuplicates();
    }
}
