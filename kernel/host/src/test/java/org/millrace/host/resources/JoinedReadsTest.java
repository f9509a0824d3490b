package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions on joined attributes, where indexes of both tables lead from the far end to the rows. */
class JoinedReadsTest {
    private static final String ORDERS =
            "{\"relationships\":{\"customer\":{\"table\":\"customers\",\"from\":\"customerId\"}}";
    private static final String CUSTOMERS = "{\"relationships\":{"
            + "\"orders\":{\"table\":\"orders\",\"to\":\"customerId\"},"
            + "\"mentor\":{\"table\":\"customers\",\"from\":\"mentorId\"}}";
    private static final List<String> ATTRIBUTES = List.of(
            "customer.name",
            "customer.age",
            "customer.$id",
            "customer.mentor.name",
            "orders.total",
            "mentor.name",
            "mentor.orders.total",
            "$id");
    private static final List<String> VALUES =
            List.of("Ann", "Bob", "\"7\"", "3", "5", "8", "7.0", "null", "true", "\"b\"");

    @RegisterExtension
    private final RunningHost host = new RunningHost("queries.joined-matches=40");

    private Random random = new Random();

    @BeforeEach
    void declare() throws Exception {
        host.put("$sys/tables/orders", ORDERS + "}");
        host.put("$sys/tables/customers", CUSTOMERS + "}");
    }

    private void index() throws Exception {
        host.declare("orders", ORDERS + ",\"indexes\":[\"customerId\",\"total\"]}", "customerId", "total");
        host.declare(
                "customers", CUSTOMERS + ",\"indexes\":[\"name\",\"age\",\"mentorId\"]}", "name", "age", "mentorId");
    }

    private void fill() throws Exception {
        host.put("customers/7", "{\"name\":\"Ann\",\"age\":30,\"mentorId\":\"b\"}");
        host.put("customers/b", "{\"name\":\"Bob\",\"age\":50}");
        host.put("orders/1", "{\"customerId\":7,\"total\":10}");
        host.put("orders/2", "{\"customerId\":\"7\",\"total\":30}");
        host.put("orders/3", "{\"customerId\":\"b\",\"total\":20}");
        host.put("orders/4", "{\"customerId\":\"nobody\",\"total\":30}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "orders; customer.name=Ann; 1 2; customerId of 1 that table 'customers' has with name = \"Ann\"",
                "orders; customer.mentor.name=Bob; 1 2; customerId of 1 that table 'customers' has with mentorId of 1"
                        + " that table 'customers' has with name = \"Bob\"",
                "orders; customer.$id=b; 3; customerId of 1 that table 'customers' has with $id = \"b\"",
                "orders; customer.age=gt=40|total=10; 1 3; (customerId of 1 that table 'customers' has with 40 < age or"
                        + " (total = 10 or total = \"10\"))",
                "customers; orders.total=gt=25; 7; $id of 2 that table 'orders' has with 25 < total",
                "customers; mentor.name=Bob; 7; mentorId of 1 that table 'customers' has with name = \"Bob\"",
                "customers; orders.total=99; ``; $id of 0 that table 'orders' has with (total = 99 or total = \"99\")",
            })
    void indexesLeadFromTheFarEndToTheRows(String table, String query, String ids, String reads) throws Exception {
        fill();
        index();

        assertThat(host.run(table, query + "&select($id)"))
                .containsExactlyElementsOf(
                        ids.isEmpty()
                                ? List.of()
                                : List.of(ids.split(" ")).stream()
                                        .map(id -> "{\"$id\":\"" + id + "\"}")
                                        .toList());
        assertThat(host.run(table, query + "&explain()").getFirst())
                .contains("\"access\":\"index\",\"reads\":\"" + reads.replace("\"", "\\\"") + "\"", "\"filter\":true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "orders; customer.name=ct=A; '=ct=' cannot use the index of 'name' in table 'customers'",
                "orders; customer.city=Ulm; there is no index of 'city' in table 'customers' that is ready",
                "orders; customer=null; 'customer' is a record of table 'customers', no attribute",
            })
    void explainTellsWhatKeepsThemFromIt(String table, String query, String reason) throws Exception {
        index();

        assertThat(host.run(table, query + "&explain()").getFirst())
                .contains("\"access\":\"scan\",\"reason\":\"" + reason + "\"");
    }

    @Test
    void moreRecordsThanMayBeReadForItAreNot() throws Exception {
        for (int i = 0; i < 41; i++) {
            host.put("customers/" + i, "{\"name\":\"Ann\"}");
        }
        host.put("orders/1", "{\"customerId\":40}");
        index();

        assertThat(host.run("orders", "customer.name=Ann&explain()").getFirst())
                .contains("more than 40 records of table 'customers' would have to be read for 'name'");
        assertThat(host.run("orders", "customer.name=Ann&select($id)")).containsExactly("{\"$id\":\"1\"}");
    }

    private <T> T any(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private String condition() {
        return any(ATTRIBUTES)
                + any(List.of("=", "==", "===", "!=", "=lt=", "=le=", "=gt=", "=sw="))
                + any(VALUES).replace("\"", "");
    }

    @Test
    void rowsAreThoseOfAScan() throws Exception {
        long seed = System.nanoTime();
        random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            String id = random.nextBoolean() ? "" + random.nextInt(9) : "" + (char) ('a' + random.nextInt(6));
            host.put(
                    "customers/" + id,
                    "{\"name\":\"" + any(List.of("Ann", "Bob", "7")) + "\",\"age\":" + random.nextInt(9)
                            + ",\"mentorId\":" + any(List.of("7", "\"7\"", "\"b\"", "3.0", "\"c\"", "null")) + "}");
            host.put(
                    "orders/" + random.nextInt(30),
                    "{\"total\":" + random.nextInt(9) + ",\"customerId\":"
                            + any(List.of("7", "\"7\"", "7.0", "\"b\"", "5", "\"c\"", "null", "[7]", "1e2")) + "}");
        }
        List<String> asked = new ArrayList<>();
        while (asked.size() < 150) {
            String query = condition() + any(List.of("", "", "&" + condition(), "|" + condition()));
            boolean ofOrders = query.contains("customer");
            if (!ofOrders || !(query.contains("orders") || query.matches("(.*[&|])?mentor.*"))) {
                asked.add((ofOrders ? "orders" : "customers") + "?" + query);
            }
        }
        List<List<String>> scanned = asked.stream().map(this::rows).toList();
        index();

        for (int i = 0; i < asked.size(); i++) {
            assertThat(rows(asked.get(i))).as("seed %d: %s", seed, asked.get(i)).isEqualTo(scanned.get(i));
        }
    }

    private List<String> rows(String asked) {
        int mark = asked.indexOf('?');
        return host.run(asked.substring(0, mark), asked.substring(mark + 1) + "&select($id)");
    }
}
