package org.millrace.distribution;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.millrace.distribution.Write.Kind;
import org.millrace.distribution.Write.Outcome;

/**
 * A client that writes to one node until it is stopped, over HTTP, MQTT and AMQP: puts, patches and removals of records that
 * all clients fight for ({@code hot...}), puts of records of its own ({@code own...}), both also in transactions, patches of
 * a field of its own in a record that all clients patch, and increments of a number that all clients count. It remembers
 * what it did and what it was told, which is to be asked for when it has been stopped.
 */
final class ClusterWriter {
    static final String HOT = "hot";
    static final String FIELDS = "fields";
    static final String COUNT = "count";

    private static final int HOT_RECORDS = 6;
    private static final int OWN_RECORDS = 10;

    private final int[] ports;
    private final String table;
    private final int node;
    private final Random random;
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final List<String> unanswered = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean stopping;
    private int number;
    private long counted;
    private long maybeCounted;

    private ClusterWriter(int[] ports, String table, int node, long seed) {
        this.ports = ports;
        this.table = table;
        this.node = node;
        this.random = new Random(seed * 31 + node);
        this.thread = Thread.ofPlatform().name("writer-" + node).start(this::run);
    }

    /** Starts to write to the node with these ports, as {@link FaultyCluster#LISTENERS}. */
    static ClusterWriter start(int[] ports, String table, int node, long seed) {
        return new ClusterWriter(ports, table, node, seed);
    }

    int node() {
        return node;
    }

    /** What it did, in its order. */
    List<Write> writes() {
        return writes;
    }

    /** What the host owes it an answer for. */
    List<String> unanswered() {
        return unanswered;
    }

    /** How often the count was raised for certain. */
    long counted() {
        return counted;
    }

    /** How often it may have been raised besides, for want of an answer. */
    long maybeCounted() {
        return maybeCounted;
    }

    void stop() throws InterruptedException {
        stopping = true;
        thread.join();
    }

    private void run() {
        try (HttpWriter http = new HttpWriter(ports[0], table);
                MqttWriter mqtt = new MqttWriter(ports[1], table);
                AmqpWriter amqp = new AmqpWriter("writer-" + table + node, ports[2], table)) {
            while (!stopping) {
                try {
                    one(http, mqtt, amqp);
                } catch (RecordWriter.Unanswered e) {
                    unanswered.add(String.valueOf(e.getMessage()));
                } catch (IOException e) {
                    // The node is being killed or is not up yet: nobody was promised anything.
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void one(HttpWriter http, MqttWriter mqtt, AmqpWriter amqp) throws IOException, InterruptedException {
        number++;
        String hot = HOT + random.nextInt(HOT_RECORDS);
        String own = "own" + node + "-" + random.nextInt(OWN_RECORDS);
        switch (random.nextInt(20)) {
            case 0 -> write(http, Kind.REMOVAL, hot);
            case 1, 2 -> write(http, Kind.PATCH, hot);
            case 3, 4, 5 -> write(http, Kind.PUT, hot);
            case 6 -> write(mqtt, Kind.PUT, own);
            case 7 -> write(mqtt, Kind.PUT, hot);
            case 8 -> write(mqtt, Kind.REMOVAL, hot);
            case 9 -> write(amqp, Kind.PUT, own);
            case 10 -> write(amqp, Kind.PUT, hot);
            case 11 -> write(amqp, Kind.PATCH, hot);
            case 12 -> write(amqp, Kind.REMOVAL, hot);
            case 13, 14 -> write(http, Kind.PATCH, FIELDS);
            case 15 -> count(http);
            case 16 -> transact(http, List.of(random.nextBoolean() ? hot : own, "own" + node + "-t"));
            default -> write(http, Kind.PUT, own);
        }
    }

    private String content(Kind kind, String id) {
        return switch (kind) {
            case PUT -> "{\"by\":" + node + ",\"n\":" + number + "}";
            case PATCH -> "{\"" + (id.equals(FIELDS) ? "f" : "p") + node + "\":" + number + "}";
            case REMOVAL -> "";
        };
    }

    private void write(RecordWriter client, Kind kind, String id) throws IOException, InterruptedException {
        String content = content(kind, id);
        String protocol = client.getClass().getSimpleName();
        Outcome outcome = Outcome.UNKNOWN;
        long clock = 0;
        try {
            RecordWriter.Answer answer = client.write(kind, id, content);
            outcome = answer.accepted() ? Outcome.ACKNOWLEDGED : Outcome.REFUSED;
            clock = answer.clock();
        } finally {
            writes.add(new Write(node, protocol, kind, id, number, content, outcome, clock));
        }
    }

    private void transact(HttpWriter http, List<String> ids) throws IOException, InterruptedException {
        String content = content(Kind.PUT, "");
        Outcome outcome = Outcome.UNKNOWN;
        List<Long> clocks = List.of();
        try {
            clocks = http.transact(ids, content);
            outcome = clocks.isEmpty() ? Outcome.REFUSED : Outcome.ACKNOWLEDGED;
        } finally {
            for (int i = 0; i < ids.size(); i++) {
                long clock = clocks.isEmpty() ? 0 : clocks.get(i);
                writes.add(new Write(node, "transaction", Kind.PUT, ids.get(i), number, content, outcome, clock));
            }
        }
    }

    private void count(HttpWriter http) throws IOException, InterruptedException {
        maybeCounted++;
        if (http.increment(COUNT)) {
            counted++;
        }
        maybeCounted--; // it is known
    }
}
