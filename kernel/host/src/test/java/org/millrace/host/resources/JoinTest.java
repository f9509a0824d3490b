package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;

/** Queries that follow relationships, through a host with everything in it. */
class JoinTest {
    private static final String ORDERS =
            "{\"relationships\":{\"customer\":{\"table\":\"customers\",\"from\":\"customerId\"}}}";
    private static final String CUSTOMERS = "{\"relationships\":{"
            + "\"orders\":{\"table\":\"orders\",\"to\":\"customerId\"},"
            + "\"mentor\":{\"table\":\"customers\",\"from\":\"mentorId\"}}}";

    @TempDir
    private java.nio.file.Path directory;

    private TestHost host;
    private Resources client;

    @BeforeEach
    void start() throws Exception {
        host = TestHost.start(directory);
        client = host.client();
        put("$sys/tables/orders", ORDERS);
        put("$sys/tables/customers", CUSTOMERS);
        put("customers/7", "{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"},\"mentorId\":\"b\"}");
        put("customers/b", "{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}");
        put("orders/1", "{\"customerId\":7,\"total\":10}");
        put("orders/2", "{\"customerId\":\"7\",\"total\":30}");
        put("orders/3", "{\"customerId\":\"b\",\"total\":20}");
        put("orders/4", "{\"customerId\":\"nobody\",\"total\":5}");
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private void put(String path, String json) throws Exception {
        TestHost.await(client.put(Path.of(path), host.json(json), WriteOptions.DEFAULT));
    }

    private Rows start(String table, String query, List<String> contents) {
        Rows rows = new Rows(Long.MAX_VALUE) {
            @Override
            public void onNext(Row row) {
                super.onNext(row);
                contents.add(new String(row.content().toByteArray(), StandardCharsets.UTF_8));
            }
        };
        client.query(new Query(table, query, "", Query.NO_LIMIT), rows);
        await().until(rows::isOver);
        return rows;
    }

    private List<String> run(String table, String query) {
        List<String> contents = new CopyOnWriteArrayList<>();
        assertThat(start(table, query, contents).failure).isNull();
        return new ArrayList<>(contents);
    }

    private ResourceException refusal(String table, String query) {
        return ResourceException.from(start(table, query, new ArrayList<>()).failure);
    }

    @Test
    void recordsShowTheOneTheyLeadTo() {
        assertThat(run("orders", "select(total,customer(name,at.city))"))
                .containsExactly(
                        "{\"total\":10,\"customer\":{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"}}}",
                        "{\"total\":30,\"customer\":{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"}}}",
                        "{\"total\":20,\"customer\":{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}}",
                        "{\"total\":5,\"customer\":null}");
    }

    @Test
    void dotsSayTheSameAsParentheses() {
        assertThat(run("orders", "select(total,customer.name,customer.at.city)"))
                .isEqualTo(run("orders", "select(total,customer(name,at.city))"));
    }

    @Test
    void aJoinedRecordIsShownWholeByItsNameAlone() {
        assertThat(run("orders", "$id=3&select(customer)"))
                .containsExactly("{\"customer\":{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}}");
    }

    @Test
    void recordsShowTheManyTheyLeadTo() {
        assertThat(run("customers", "select(name,orders($id,total))"))
                .containsExactly(
                        "{\"name\":\"Ann\",\"orders\":[{\"$id\":\"1\",\"total\":10},{\"$id\":\"2\",\"total\":30}]}",
                        "{\"name\":\"Bob\",\"orders\":[{\"$id\":\"3\",\"total\":20}]}");
    }

    @Test
    void aReadyIndexOfTheOtherTableGivesTheSame() throws Exception {
        List<String> queries = List.of(
                "select(name,orders($id,total))", "orders.total=gt=25", "orders.total=20&select(name)", "orders=null");
        List<List<String>> scanned =
                queries.stream().map(query -> run("customers", query)).toList();
        put("$sys/tables/orders", ORDERS.replaceFirst("\\{", "{\"indexes\":[\"customerId\"],"));
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        run("customers", "orders.total=1&explain()").getFirst().contains("\"access\":\"index\""));

        assertThat(queries.stream().map(query -> run("customers", query)).toList())
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
        assertThat(run(table, query))
                .containsExactly(java.util.Arrays.stream(ids.split(" "))
                        .map(id -> "{\"$id\":\"" + id + "\"}")
                        .toArray(String[]::new));
    }

    @Test
    void groupsAreFormedByJoinedRecords() {
        assertThat(run("orders", "group(customer.name)&select(sum(total))&customer.name=ne=x&customer!=null"))
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
        ResourceException refused = refusal(table, query);

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refused)
                .hasMessageStartingWith("query, position " + position + ":")
                .hasMessageContaining(why);
    }

    @Test
    void explainTellsHowTablesAreJoined() {
        assertThat(run("customers", "orders.total=gt=25&explain()"))
                .containsExactly("{\"table\":\"customers\",\"access\":\"scan\",\"reason\":\"'orders.total' is in table"
                        + " 'orders'\",\"filter\":true,\"sort\":\"none\",\"joins\":[{\"relationship\":\"orders\","
                        + "\"table\":\"orders\",\"to\":\"many\",\"access\":\"scan\",\"by\":\"customerId\",\"reason\":"
                        + "\"table 'orders' has no index of 'customerId' that is ready\"}]}");
        assertThat(run("orders", "select(customer(name))&explain()").getFirst())
                .contains("\"joins\":[{\"relationship\":\"customer\",\"table\":\"customers\",\"to\":\"one\","
                        + "\"access\":\"id\",\"by\":\"customerId\"}]");
    }

    @Test
    void aRowThatWouldShowTooManyRecordsIsRefused() throws Exception {
        for (int i = 0; i < 1_001; i++) {
            put("orders/many" + i, "{\"customerId\":\"b\"}");
        }

        ResourceException refused = refusal("customers", "select(orders(total))");
        assertThat(refused.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refused).hasMessageContaining("more than 1000 joined records");
        assertThat(run("customers", "orders.total=20&select($id)")).containsExactly("{\"$id\":\"b\"}");
    }

    @Test
    void liveQueriesCannotFollowRelationships() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> client.subscribe(
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
                .isThrownBy(() -> put("$sys/tables/t", "{\"relationships\":" + parts[0] + "}"))
                .withMessageContaining(parts[1]);
    }

    @Test
    void historyOfOneTableIsRefusedWithWhatToDoInstead() {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> put("$sys/tables/t", "{\"history\":\"30d\"}"))
                .withMessageContaining("journal.retain-age");
    }
}
