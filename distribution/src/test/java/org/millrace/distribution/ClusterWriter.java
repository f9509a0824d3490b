package org.millrace.distribution;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A client that writes to one node until it is stopped: puts, patches and removals of records that all clients fight for
 * ({@code hot...}), puts of records of its own, some of them over MQTT and in transactions, patches of a field of its own in
 * a record that all clients patch, and increments of a number that all clients count. It remembers what was acknowledged.
 */
final class ClusterWriter {
    private static final int HOT = 6;
    private static final int OWN = 10;

    private final String[] ports;
    private final String table;
    private final int node;
    private final Random random;
    private final List<Acknowledged> acknowledged = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean stopping;
    private int number;
    private volatile int field;
    private volatile long counted;
    private volatile long maybeCounted;

    /**
     * A write the host has answered for.
     *
     * @param id which record
     * @param clock its version's; 0 if the protocol does not tell
     * @param number what was written
     */
    record Acknowledged(String id, long clock, int number) {}

    private ClusterWriter(String[] ports, String table, int node, long seed) {
        this.ports = ports;
        this.table = table;
        this.node = node;
        this.random = new Random(seed * 31 + node);
        this.thread = Thread.ofPlatform().name("writer-" + node).start(this::run);
    }

    /** Starts to write to the node with these ports of HTTP and MQTT. */
    static ClusterWriter start(String[] ports, String table, int node, long seed) {
        return new ClusterWriter(ports, table, node, seed);
    }

    /** The last number its own field was acknowledged with. */
    int field() {
        return field;
    }

    /** How often the count was raised for certain. */
    long counted() {
        return counted;
    }

    /** How often it may have been raised besides, for want of an answer. */
    long maybeCounted() {
        return maybeCounted;
    }

    int node() {
        return node;
    }

    List<Acknowledged> acknowledged() {
        return acknowledged;
    }

    void stop() throws InterruptedException {
        stopping = true;
        thread.join();
    }

    private void run() {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build()) {
            while (!stopping) {
                try {
                    one(client);
                } catch (IOException e) {
                    // The node is being killed or is not up yet: nobody was promised anything.
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void one(HttpClient client) throws IOException, InterruptedException {
        String content = "{\"by\":" + node + ",\"n\":" + ++number + "}";
        int act = random.nextInt(16);
        String hot = "hot" + random.nextInt(HOT);
        String own = "own" + node + "-" + random.nextInt(OWN);
        switch (act) {
            case 0 -> send(client, request(hot).DELETE(), "");
            case 1, 2 ->
                send(
                        client,
                        request(hot)
                                .header("Content-Type", "application/merge-patch+json")
                                .method("PATCH", BodyPublishers.ofString("{\"p" + node + "\":" + number + "}")),
                        hot);
            case 3 -> mqtt(own, content);
            case 12, 13 -> {
                HttpRequest.Builder patch = request("fields")
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", BodyPublishers.ofString("{\"f" + node + "\":" + number + "}"));
                if (client.send(patch.build(), BodyHandlers.discarding()).statusCode() / 100 == 2) {
                    field = number;
                }
            }
            case 14 -> count(client);
            case 15 -> transact(client, own, "own" + node + "-t", content);
            case 4, 5, 6, 7 -> send(client, put(hot, content), hot);
            default -> send(client, put(own, content), own);
        }
    }

    private void count(HttpClient client) throws IOException, InterruptedException {
        HttpRequest.Builder increment = request("count")
                .header("Content-Type", "application/json-patch+json")
                .method("PATCH", BodyPublishers.ofString("[{\"op\":\"increment\",\"path\":\"/n\",\"value\":1}]"));
        maybeCounted++;
        int status = client.send(increment.build(), BodyHandlers.discarding()).statusCode();
        if (status / 100 == 2) {
            counted++;
            maybeCounted--;
        } else if (status == 507) {
            maybeCounted--; // the disk is full: it was refused
        }
    }

    private void transact(HttpClient client, String one, String other, String content)
            throws IOException, InterruptedException {
        String path = "\"op\":\"put\",\"path\":\"" + table + "/";
        String body =
                "[{" + path + one + "\",\"value\":" + content + "},{" + path + other + "\",\"value\":" + content + "}]";
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + ports[0] + "/$transactions"))
                .timeout(Duration.ofSeconds(5))
                .header("Content-Type", Http.JSON)
                .POST(BodyPublishers.ofString(body));
        if (client.send(request.build(), BodyHandlers.discarding()).statusCode() / 100 == 2) {
            acknowledged.add(new Acknowledged(one, 0, number));
            acknowledged.add(new Acknowledged(other, 0, number));
        }
    }

    private HttpRequest.Builder put(String id, String content) {
        return request(id).header("Content-Type", Http.JSON).PUT(BodyPublishers.ofString(content));
    }

    private HttpRequest.Builder request(String id) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports[0] + "/" + table + "/" + id))
                .timeout(Duration.ofSeconds(5));
    }

    private void send(HttpClient client, HttpRequest.Builder request, String id)
            throws IOException, InterruptedException {
        HttpResponse<Void> answer = client.send(request.build(), BodyHandlers.discarding());
        if (answer.statusCode() / 100 == 2 && !id.isEmpty()) {
            String etag = answer.headers().firstValue("ETag").orElseThrow();
            acknowledged.add(new Acknowledged(id, Long.parseUnsignedLong(etag, 1, etag.indexOf('-'), 16), number));
        }
    }

    private void mqtt(String id, String content) throws IOException, InterruptedException {
        Process publisher = new ProcessBuilder(
                        "mosquitto_pub",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        ports[1],
                        "-q",
                        "1",
                        "-r",
                        "-t",
                        table + "/" + id,
                        "-m",
                        content)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!publisher.waitFor(5, TimeUnit.SECONDS)) {
            publisher.destroyForcibly();
        } else if (publisher.exitValue() == 0) {
            acknowledged.add(new Acknowledged(id, 0, number));
        }
    }
}
