package org.millrace.distribution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Writes records over MQTT, as retained messages of {@code mosquitto_pub}, each on a connection of its own. */
final class MqttWriter implements RecordWriter {
    private final int port;
    private final String table;

    MqttWriter(int port, String table) {
        this.port = port;
        this.table = table;
    }

    /** A patch is not possible. */
    @Override
    public Answer write(Write.Kind kind, String id, String content) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("mosquitto_pub", "-h", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(List.of("-q", "1", "-r", "-t", table + "/" + id));
        command.addAll(
                switch (kind) {
                    case PUT -> List.of("-m", content);
                    case REMOVAL -> List.of("-n");
                    case PATCH -> throw new IllegalArgumentException("MQTT has no patch");
                });
        Process publisher = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!publisher.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            publisher.destroyForcibly();
            throw new Unanswered("MQTT, " + kind + " " + id);
        }
        if (publisher.exitValue() != 0) {
            throw new IOException("mosquitto_pub ends with exit code " + publisher.exitValue());
        }
        return new Answer(true, 0);
    }

    @Override
    public void close() {
        // Each message had its own connection.
    }
}
