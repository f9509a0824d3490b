package org.millrace.distribution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows a table at one node over MQTT, with a session that lasts. {@code mosquitto_sub} connects anew when its connection
 * is lost, but ends if a node that is just stopping refuses it; then it is started again when somebody asks what it saw. For
 * one thread.
 */
final class ClusterFollower implements AutoCloseable {
    private final Mosquitto node;
    private final String id;
    private final String table;
    private final List<Mosquitto.Subscriber> runs = new ArrayList<>();

    private ClusterFollower(Mosquitto node, String id, String table) {
        this.node = node;
        this.id = id;
        this.table = table;
    }

    /** Follows from now on. */
    static ClusterFollower start(Mosquitto node, String id, String table) {
        ClusterFollower follower = new ClusterFollower(node, id, table);
        follower.run();
        return follower;
    }

    private void run() {
        // Of version 3.1.1, for the program ends when a server says good-bye to a client of version 5.
        runs.add(node.subscribe("-V", "mqttv311", "-q", "1", "-c", "-i", id, "-t", table + "/#"));
    }

    /** What it was shown of each record so far, a removal as nothing. */
    Map<String, List<String>> shown() {
        if (!runs.getLast().isRunning()) {
            run();
        }
        Map<String, List<String>> shown = new HashMap<>();
        for (Mosquitto.Subscriber subscriber : runs) {
            for (String line : subscriber.lines()) {
                int space = line.indexOf(' ');
                shown.computeIfAbsent(line.substring(table.length() + 1, space), record -> new ArrayList<>())
                        .add(line.substring(space + 1));
            }
        }
        return shown;
    }

    /** The records as it has seen them last. */
    Map<String, String> last() {
        Map<String, String> last = new HashMap<>();
        shown().forEach((record, values) -> {
            if (!values.getLast().isEmpty()) {
                last.put(record, values.getLast());
            }
        });
        return last;
    }

    @Override
    public void close() {
        runs.forEach(Mosquitto.Subscriber::close);
    }
}
