package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;

/** Queries that follow relationships, through a host with everything in it. */
class JoinTest {
    private static final String ORDERS =
            "{\"relationships\":{\"customer\":{\"table\":\"customers\",\"from\":\"customerId\"}}}";
    private static final String CUSTOMERS = "{\"relationships\":{"
            + "\"orders\":{\"table\":\"orders\",\"to\":\"customerId\"},"
            + "\"mentor\":{\"table\":\"customers\",\"from\":\"mentorId\"}}}";

    @RegisterExtension
    private final RunningHost host = new RunningHost();

    @BeforeEach
    void fill() throws Exception {
        host.put("$sys/tables/orders", ORDERS);
        host.put("$sys/tables/customers", CUSTOMERS);
        host.put("customers/7", "{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"},\"mentorId\":\"b\"}");
        host.put("customers/b", "{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}");
        host.put("orders/1", "{\"customerId\":7,\"total\":10}");
        host.put("orders/2", "{\"customerId\":\"7\",\"total\":30}");
        host.put("orders/3", "{\"customerId\":\"b\",\"total\":20}");
        host.put("orders/4", "{\"customerId\":\"nobody\",\"total\":5}");
    }

    @Test
    void recordsShowTheOneTheyLeadTo() {
        assertThat(host.run("orders", "select(total,customer(name,at.city))"))
                .containsExactly(
                        "{\"total\":10,\"customer\":{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"}}}",
                        "{\"total\":30,\"customer\":{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"}}}",
                        "{\"total\":20,\"customer\":{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}}",
                        "{\"total\":5,\"customer\":null}");
    }

    @Test
    void dotsSayTheSameAsParentheses() {
        assertThat(host.run("orders", "select(total,customer.name,customer.at.city)"))
                .isEqualTo(host.run("orders", "select(total,customer(name,at.city))"));
    }

    @Test
    void aJoinedRecordIsShownWholeByItsNameAlone() {
        assertThat(host.run("orders", "$id=3&select(customer)"))
                .containsExactly("{\"customer\":{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}}");
    }

    @Test
    void recordsShowTheManyTheyLeadTo() {
        assertThat(host.run("customers", "select(name,orders($id,total))"))
                .containsExactly(
                        "{\"name\":\"Ann\",\"orders\":[{\"$id\":\"1\",\"total\":10},{\"$id\":\"2\",\"total\":30}]}",
                        "{\"name\":\"Bob\",\"orders\":[{\"$id\":\"3\",\"total\":20}]}");
    }

    @Test
    void aReadyIndexOfTheOtherTableGivesTheSame() throws Exception {
        List<String> queries = List.of(
                "select(name,orders($id,total))", "orders.total=gt=25", "orders.total=20&select(name)", "orders=null");
        List<List<String>> scanned =
                queries.stream().map(query -> host.run("customers", query)).toList();
        host.declare("orders", ORDERS.replaceFirst("\\{", "{\"indexes\":[\"customerId\"],"), "customerId");

        assertThat(queries.stream().map(query -> host.run("customers", query)).toList())
                .isEqualTo(scanned);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "orders; customer.name=Ann&select($id); 1 2",
                "orders; customer.at.city=Rom|total=10&select($id); 1 3",
                "orders; customer=null&select($id); 4",
                "orders; customer!=null&total=lt=25&select($id); 1 3",
                "orders; customer.name=ne=Ann&select($id); 3 4",
                "orders; customer.mentor.name=Bob&select($id); 1 2",
                "orders; sort(-customer.name,-total)&select($id); 3 2 1 4",
                "customers; orders.total=gt=25&select($id); 7",
                "customers; orders.total=ne=20&select($id); 7",
                "customers; mentor=null&select($id); b",
            })
    void conditionsAndSortReachJoinedRecords(String table, String query, String ids) {
        assertThat(host.run(table, query))
                .containsExactly(java.util.Arrays.stream(ids.split(" "))
                        .map(id -> "{\"$id\":\"" + id + "\"}")
                        .toArray(String[]::new));
    }

    @Test
    void groupsAreFormedByJoinedRecords() {
        assertThat(host.run("orders", "group(customer.name)&select(sum(total))&customer.name=ne=x&customer!=null"))
                .containsExactly(
                        "{\"customer.name\":\"Ann\",\"sum(total)\":40}",
                        "{\"customer.name\":\"Bob\",\"sum(total)\":20}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "orders; total=1&customer.orders.total=1; 8; is cyclic",
                "orders; select(total,customer(orders(total))); 22; is cyclic",
                "customers; mentor.mentor.name=x; 0; is cyclic",
                "orders; select(total,custmer(name)); 13; did you mean 'customer'?",
                "orders; select(customer(nam(x))); 16; table 'customers' has no relationship 'nam'",
                "customers; sort(-orders.total); 5; leads to many",
                "customers; select(max(orders.total)); 11; leads to many",
            })
    void whatCannotBeFollowedIsRefusedWithItsPlace(String table, String query, int position, String why) {
        ResourceException refused = host.refusal(table, query);

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refused)
                .hasMessageStartingWith("query, position " + position + ":")
                .hasMessageContaining(why);
    }

    @Test
    void explainTellsHowTablesAreJoined() {
        assertThat(host.run("customers", "orders.total=gt=25&explain()"))
                .containsExactly("{\"table\":\"customers\",\"access\":\"scan\",\"reason\":\"there is no index of"
                                     + " 'total' in table 'orders' that is"
                                     + " ready\",\"filter\":true,\"sort\":\"none\",\"joins\":[{\"relationship\":\"orders\","
                                     + "\"table\":\"orders\",\"to\":\"many\",\"access\":\"scan\",\"by\":\"customerId\",\"reason\":\"table"
                                     + " 'orders' has no index of 'customerId' that is ready\"}]}");
        assertThat(host.run("orders", "select(customer(name))&explain()").getFirst())
                .contains("\"joins\":[{\"relationship\":\"customer\",\"table\":\"customers\",\"to\":\"one\","
                        + "\"access\":\"id\",\"by\":\"customerId\"}]");
    }

    @Test
    void aRowThatWouldShowTooManyRecordsIsRefused() throws Exception {
        for (int i = 0; i < 1_001; i++) {
            host.put("orders/many" + i, "{\"customerId\":\"b\"}");
        }

        ResourceException refused = host.refusal("customers", "select(orders(total))");
        assertThat(refused.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refused).hasMessageContaining("more than 1000 joined records");
        assertThat(host.run("customers", "orders.total=20&select($id)")).containsExactly("{\"$id\":\"b\"}");
    }

    @Test
    void liveQueriesCannotFollowRelationships() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> host.client()
                        .subscribe(
                                SubscribeRequest.every(TopicFilter.table("orders"), Start.NOW)
                                        .withQuery("total=1&customer.name=Ann"),
                                new Deliveries()))
                .withMessageContaining("position 8")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]; is an object",
                "{\"a\":{\"table\":\"u\"}}; relationship 'a': it is {",
                "{\"a\":{\"table\":\"u\",\"from\":\"x\",\"to\":\"y\"}}; relationship 'a': it is {",
                "{\"a\":{\"table\":\"$sys\",\"from\":\"x\"}}; '$sys' cannot be a table's name",
                "{\"a\":{\"table\":\"u\",\"from\":\"x..y\"}}; name an attribute",
                "{\"max\":{\"table\":\"u\",\"from\":\"x\"}}; this is an aggregate",
                "{\"a\":{\"table\":\"u\",\"from\":\"a.b\"}}; names the relationship 'a'",
                "{\"a\":{\"table\":\"u\",\"to\":\"$id\"}}; is found by",
                "{\"a\":{\"table\":\"t\",\"from\":\"$id\"}}; can only be cyclic",
            })
    void aWrongRelationshipIsRefusedWithItsDefinition(String example) {
        String[] parts = example.split("; ", 2);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> host.put("$sys/tables/t", "{\"relationships\":" + parts[0] + "}"))
                .withMessageContaining(parts[1]);
    }
}
