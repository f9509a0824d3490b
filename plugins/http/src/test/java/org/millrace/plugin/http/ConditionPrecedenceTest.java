package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every combination of the four conditions with every kind of value, against the six steps of RFC 9110 section 13.2.2 as
 * they stand there, for reads and writes of a record that is there and of one that is not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConditionPrecedenceTest {
    /** What a condition says of the record's present state. */
    enum Says {
        NOTHING,
        TRUE,
        FALSE,
        ANY
    }

    /** One request. */
    record Case(String method, boolean exists, Says match, Says unmodifiedSince, Says noneMatch, Says modifiedSince) {
        /** The steps of section 13.2.2; 0 stands for going on with the method. */
        int expected() {
            // A record that is not there: the request would be answered 404 without conditions (section 13.2.1).
            boolean read = method.equals("GET");
            if (!exists && !method.equals("PUT")) {
                return 404;
            }
            // 1. and 2.
            if (match != Says.NOTHING) {
                boolean holds = exists && (match == Says.TRUE || match == Says.ANY);
                if (!holds) {
                    return 412;
                }
            } else if (unmodifiedSince == Says.FALSE && exists) {
                return 412;
            }
            // 3. and 4.; a record that is not there matches nothing, and TRUE means that the condition holds.
            if (noneMatch != Says.NOTHING) {
                boolean holds = !exists || noneMatch == Says.TRUE;
                if (!holds) {
                    return read ? 304 : 412;
                }
            } else if (read && modifiedSince == Says.FALSE) {
                return 304;
            }
            return 0;
        }
    }

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", java.util.Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final HttpHost http = HttpHost.create();

    @AfterAll
    void close() {
        http.close();
    }

    static Stream<Case> cases() {
        List<Case> all = new ArrayList<>();
        for (String method : List.of("GET", "PUT", "PATCH", "DELETE")) {
            for (boolean exists : new boolean[] {true, false}) {
                for (Says match : Says.values()) {
                    for (Says unmodified : List.of(Says.NOTHING, Says.TRUE, Says.FALSE)) {
                        for (Says none : Says.values()) {
                            for (Says modified : List.of(Says.NOTHING, Says.TRUE, Says.FALSE)) {
                                // PATCH makes a record as PUT does, so it is a PUT where there is none.
                                if (exists || !method.equals("PATCH")) {
                                    all.add(new Case(method, exists, match, unmodified, none, modified));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnsweredAsTheStepsSay(Case c) {
        String path = "/t/" + (c.exists ? "there" : "absent");
        http.host
                .resources()
                .delete(org.millrace.spi.resource.Path.of("t/absent"), org.millrace.spi.resource.WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
        String tag = '"' + http.putJson("t/there", "{}").toString() + '"';
        Instant now = Instant.now();
        List<String> fields = new ArrayList<>(List.of("Content-Type", "application/json"));
        add(fields, "If-Match", tags(c.match, tag, "\"1-1\""));
        add(fields, "If-None-Match", tags(c.noneMatch, "\"1-1\"", tag));
        // Dates have whole seconds: a minute away on either side is certain.
        add(fields, "If-Unmodified-Since", date(c.unmodifiedSince, now.plusSeconds(60), now.minusSeconds(60)));
        add(fields, "If-Modified-Since", date(c.modifiedSince, now.minusSeconds(60), now.plusSeconds(60)));
        HttpResponse<String> answer = c.method.equals("GET") || c.method.equals("DELETE")
                ? http.send(c.method, path, "", fields.toArray(String[]::new))
                : http.send(c.method, path, "{\"x\":1}", fields.toArray(String[]::new));

        int expected = c.expected();
        if (expected == 0) {
            assertThat(answer.statusCode()).as("%s", c).isBetween(200, 299);
        } else {
            assertThat(answer.statusCode()).as("%s", c).isEqualTo(expected);
        }
    }

    private static String tags(Says says, String holding, String failing) {
        return switch (says) {
            case NOTHING -> "";
            case TRUE -> holding;
            case FALSE -> failing;
            case ANY -> "*";
        };
    }

    private static String date(Says says, Instant holding, Instant failing) {
        return switch (says) {
            case NOTHING, ANY -> "";
            case TRUE -> DATE.format(holding);
            case FALSE -> DATE.format(failing);
        };
    }

    private static void add(List<String> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.add(name);
            fields.add(value);
        }
    }
}
