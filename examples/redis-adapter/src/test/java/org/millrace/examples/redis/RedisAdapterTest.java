package org.millrace.examples.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** The adapter in a host in memory, spoken to in plain bytes. */
class RedisAdapterTest {
    private InMemoryHost host;
    private RawPeer peer;

    @BeforeEach
    void start() throws Exception {
        host = InMemoryHost.create(InMemoryHost.Options.DEFAULT.withRules(new FlatMerge()));
        host.start("redis", new RedisPlugin(), Map.of("port", "0", "max-value", "1000"));
        peer = RawPeer.connect(host.address("redis"));
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        host.close();
    }

    @Test
    void valueIsTheRecordOfItsKey() {
        expect("SET k v", "+OK");
        expect("GET k", "$1", "v");
        assertThat(host.record("redis/k"))
                .hasValueSatisfying(
                        entry -> assertThat(new String(entry.content().toByteArray(), StandardCharsets.UTF_8))
                                .isEqualTo("v"));
        expect("SET sensors/hall 21", "+OK");
        assertThat(host.record("sensors/hall")).isPresent();
    }

    @Test
    void missingKeyIsNilInBothVersionsOfTheProtocol() {
        expect("GET none", "$-1");
        send("HELLO 3");
        assertThat(readReply()).startsWith("%6");
        expect("GET none", "_");
    }

    @Test
    void pipelinedCommandsTakeEffectAndAreAnsweredInOrder() {
        send("SET k 1", "GET k", "INCR k", "GET k", "DEL k", "EXISTS k");
        for (String line : new String[] {"+OK", "$1", "1", ":2", "$1", "2", ":1", ":0"}) {
            assertThat(readLine()).isEqualTo(line);
        }
    }

    @Test
    void conditionalSetsAnswerNilWhenTheConditionDoesNotHold() {
        expect("SET k 1 XX", "$-1");
        expect("SET k 1 NX", "+OK");
        expect("SET k 2 NX", "$-1");
        expect("SET k 2 XX", "+OK");
        expect("SETNX k 3", ":0");
    }

    @Test
    void expiryIsTheRecords() {
        expect("SET k v EX 100", "+OK");
        expect("TTL k", ":100");
        expect("PERSIST k", ":1");
        expect("TTL k", ":-1");
        expect("EXPIRE k 50", ":1");
        expect("TTL k", ":50");
        expect("TTL none", ":-2");
        expect("EXPIRE k 0", ":1");
        expect("EXISTS k", ":0");
        assertThat(host.record("redis/k")).isEmpty();
    }

    @Test
    void hashIsARecordThatIsAnObject() {
        expect("HSET h a 1 b 2", ":2");
        expect("HSET h b 3 c 4", ":1");
        expect("HGET h b", "$1", "3");
        expect("HDEL h a none", ":1");
        expect("HLEN h", ":2");
        assertThat(host.record("redis/h"))
                .hasValueSatisfying(
                        entry -> assertThat(new String(entry.content().toByteArray(), StandardCharsets.UTF_8))
                                .contains("\"b\":\"3\"", "\"c\":\"4\""));
        expect("SET s text", "+OK");
        assertThat(answer("HGET s a")).startsWith("-WRONGTYPE ");
    }

    @Test
    void numbersOfAnObjectWrittenElsewhereAreReadable() {
        host.resources()
                .put(
                        Path.of("sensors/hall"),
                        host.contents().detect("{\"temp\":21.5}".getBytes(StandardCharsets.UTF_8)),
                        WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
        expect("HGET sensors/hall temp", "$4", "21.5");
    }

    @Test
    void transactionIsAppliedAsAWhole() {
        send("MULTI", "SET a 1", "MSET b 2 c 3", "DEL a", "EXEC");
        for (String line : new String[] {"+OK", "+QUEUED", "+QUEUED", "+QUEUED", "*3", "+OK", "+OK", ":1"}) {
            assertThat(readLine()).isEqualTo(line);
        }
        assertThat(host.records().keySet()).extracting(Path::toString).containsExactly("redis/b", "redis/c");
    }

    @Test
    void refusedCommandSpoilsItsTransaction() {
        expect("MULTI", "+OK");
        assertThat(answer("GET a")).startsWith("-ERR GET is not offered inside MULTI");
        expect("SET a 1", "+QUEUED");
        assertThat(answer("EXEC")).startsWith("-EXECABORT ");
        assertThat(host.records()).isEmpty();
        expect("PING", "+PONG");
    }

    @Test
    void messageReachesChannelAndPattern() {
        try (RawPeer subscriber = RawPeer.connect(host.address("redis"))) {
            subscriber.send("SUBSCRIBE news\r\n");
            assertThat(line(subscriber)).isEqualTo("*3");
            skip(subscriber, 5);
            subscriber.send("PSUBSCRIBE n*\r\n");
            skip(subscriber, 6);
            expect("PUBLISH news hello", ":2");
            String both = read(subscriber, 16);
            assertThat(both).contains("message|$4|news|$5|hello").contains("pmessage|$2|n*|$4|news|$5|hello");
            assertThat(host.records()).isEmpty();
        }
    }

    @Test
    void changesOfKeysAreToldAsKeyspaceNotifications() {
        try (RawPeer subscriber = RawPeer.connect(host.address("redis"))) {
            subscriber.send("SUBSCRIBE __keyspace@0__:k\r\n");
            skip(subscriber, 6);
            expect("SET k 1", "+OK");
            expect("DEL k", ":1");
            assertThat(read(subscriber, 14)).contains("|$3|set|", "|$3|del|");
        }
    }

    @Test
    void scanVisitsEachKeyOnce() {
        for (int i = 0; i < 25; i++) {
            expect("SET key:" + i + " v", "+OK");
        }
        Set<String> found = new TreeSet<>();
        String cursor = "0";
        do {
            send("SCAN " + cursor + " MATCH key:* COUNT 10");
            readLine();
            readLine();
            cursor = readLine();
            int count = Integer.parseInt(readLine().substring(1));
            for (int i = 0; i < count; i++) {
                readLine();
                assertThat(found.add(readLine())).isTrue();
            }
        } while (!cursor.equals("0"));
        assertThat(found).hasSize(25);
    }

    @Test
    void additionsOfManyClientsAreAllCounted() throws Exception {
        int clients = 8;
        int each = 50;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int c = 0; c < clients; c++) {
                threads.submit(() -> {
                    try (RawPeer one = RawPeer.connect(host.address("redis"))) {
                        for (int i = 0; i < each; i++) {
                            one.send("INCR n\r\n");
                            assertThat(line(one)).startsWith(":");
                        }
                    }
                });
            }
        }
        expect("GET n", "$3", Integer.toString(clients * each));
    }

    @Test
    void oversizedArgumentIsRefusedAndOthersGoOn() {
        try (RawPeer bad = RawPeer.connect(host.address("redis"))) {
            bad.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1001\r\n");
            assertThat(bad.readAll()).startsWith("-ERR Protocol error: invalid bulk length 1001, the limit is 1000");
        }
        expect("PING", "+PONG");
    }

    @Test
    void garbageEndsItsOwnConnectionOnly() {
        try (RawPeer bad = RawPeer.connect(host.address("redis"))) {
            bad.send("*1\r\n$x\r\n");
            assertThat(bad.readAll()).startsWith("-ERR Protocol error");
        }
        expect("PING", "+PONG");
    }

    @Test
    void clientWithoutPasswordIsRefusedWhereOneIsAsked() {
        host.allowAnonymous(false);
        host.addUser("ann:secret", new Identity("ann", Set.of()));
        try (RawPeer stranger = RawPeer.connect(host.address("redis"))) {
            stranger.send("GET k\r\nAUTH ann wrong\r\nAUTH ann secret\r\nGET k\r\n");
            assertThat(line(stranger)).isEqualTo("-NOAUTH Authentication required.");
            assertThat(line(stranger)).startsWith("-WRONGPASS ");
            assertThat(line(stranger)).isEqualTo("+OK");
            assertThat(line(stranger)).isEqualTo("$-1");
        }
    }

    @Test
    void wrongCommandsAreNamed() {
        assertThat(answer("FLY away")).isEqualTo("-ERR unknown command 'fly'");
        assertThat(answer("GET")).isEqualTo("-ERR wrong number of arguments for 'get' command");
        assertThat(answer("SET a+b/# 1")).startsWith("-ERR path 'a+b/#'");
        expect("SET k text", "+OK");
        assertThat(answer("INCR k")).isEqualTo("-ERR value is not an integer or out of range");
    }

    private void send(String... commands) {
        peer.send(String.join("\r\n", commands) + "\r\n");
    }

    private void expect(String command, String... lines) {
        send(command);
        for (String line : lines) {
            assertThat(readLine()).as(command).isEqualTo(line);
        }
    }

    private String answer(String command) {
        send(command);
        return readLine();
    }

    /** HELLO's map, whatever is in it. */
    private String readReply() {
        String first = readLine();
        while (!readLine().equals("*0")) {}
        return first;
    }

    private String readLine() {
        return line(peer);
    }

    private static String line(RawPeer from) {
        return from.readUntil("\r\n").stripTrailing();
    }

    private static void skip(RawPeer from, int lines) {
        read(from, lines);
    }

    private static String read(RawPeer from, int lines) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            all.append(line(from)).append('|');
        }
        return all.toString();
    }
}
