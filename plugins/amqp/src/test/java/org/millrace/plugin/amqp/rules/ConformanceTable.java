package org.millrace.plugin.amqp.rules;

import java.util.List;
import java.util.Map;

/** The page docs/amqp-conformance.md. */
final class ConformanceTable {
    private static final String HEAD = """
        # AMQP 1.0 conformance

        What the server does, rule by rule, each shown by a script of frames that is played to it over a socket by the test
        driver of protonj2. The page is written by `RulesTest` of the amqp plugin
        (`mvn test -pl plugins/amqp -am -Dtest=RulesTest -Damqp.conformance.write=true`); the build fails if it is stale.

        %d rules, of which %d pass.

        | topic | rule | result |
        |---|---|---|
        """;

    private static final String TAIL = """

        ## Shown elsewhere

        | what | test |
        |---|---|
        | SASL ANONYMOUS, PLAIN; wrong passwords, unknown mechanisms | AuthenticationTest |
        | TLS with client certificates; EXTERNAL, PLAIN, SCRAM-SHA-256 and -512 of several clients | AmqpSecurityIT |
        | every primitive type, described types, arrays, sequences, several data sections, all properties | \
        ContentRoundTripTest |
        | contents and properties between AMQP and MQTT, HTTP, event streams, CBOR | AmqpMappingIT |
        | selectors; starts by offset, number, time and interval, as Event Hubs' and RabbitMQ's clients ask for them | \
        SubscriptionsTest, SelectorTest |
        | truncated, oversized and mutated frames, deep nesting, 10,000 links, abandoned messages, SASL garbage | \
        BadInputTest |
        | mutated and random messages: refused, or well formed again on their way out | MessageFuzzTest |
        | cuts, `kill -9` and restart during sends, acceptance and transactions | AmqpUnderFireIT |
        | clients of other makers: Qpid JMS, rhea, Qpid Proton for Python, protonj2 | JmsIT, AmqpIT, Protonj2IT |
        | queues and subscriptions that nobody receives from are removed | AbandonedTest |

        ## The interoperability suite of Apache Qpid

        `plugins/amqp/src/test/interop/run-qpid-interop-test SUITE HOME` runs
        [qpid-interop-test](https://github.com/apache/qpid-interop-test) 2.0 against an unpacked distribution: each client sends
        what each other receives. One run with the shims of Qpid Proton for Python, rhea, protonj2 and Qpid JMS; what is expected to fail are
        flaws of clients that the suite lists. The column of Apache Artemis is from another day's run of the same suite:

        | part | passed | expected failures | failed | Apache Artemis 2.44 |
        |---|---|---|---|---|
        | headers | 99 | 0 | 0 | 99 passed |
        | JMS messages, headers, properties | 221 | 10 | 0 | 221 passed, 10 expected failures |
        | large contents of about 1 MiB, frames of 4 KiB, 128 KiB and 1 MiB | 190 | 0 | 0 | not run |
        | types | 173 | 25 | 0 | 173 passed, 25 expected failures |

        One of the large contents timed out while the run was halted for another measurement, and passed when it was repeated. The
        row on types is of an earlier build.

        ## Not offered

        - Unsettled deliveries that survive a restart of the host on a sender's link, and resumed transfers of the host's own:
          what a receiver neither accepted nor rejected is delivered anew, marked (the rules on link recovery). Of the
          clients above only those that write frames themselves send such maps.
        - Distributed transactions, the capability `DELAYED_DELIVERY`, `$cbs`, link pairs (`$me`), redirects of links, the
          number of available messages in flows.
        """;

    private ConformanceTable() {}

    static String render(List<Rule> rules, Map<String, Boolean> outcomes) {
        long passed = rules.stream()
                .filter(r -> outcomes.getOrDefault(r.says(), false))
                .count();
        StringBuilder page = new StringBuilder(HEAD.formatted(rules.size(), passed));
        for (Rule rule : rules) {
            page.append("| ")
                    .append(rule.topic())
                    .append(" | ")
                    .append(rule.says())
                    .append(" | ");
            page.append(outcomes.getOrDefault(rule.says(), false) ? "passes" : "fails")
                    .append(" |\n");
        }
        return page.append(TAIL).toString();
    }
}
