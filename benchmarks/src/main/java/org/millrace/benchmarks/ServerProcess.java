package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A host started for the load from an unpacked distribution, on free loopback ports. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final Map<String, InetSocketAddress> listeners = new HashMap<>();
    private final String readyLine;

    private ServerProcess(Process process, String readyLine) {
        this.process = process;
        this.readyLine = readyLine;
        for (String word : readyLine.split(" ", -1)) {
            int equals = word.indexOf('=');
            int colon = word.lastIndexOf(':');
            if (equals > 0 && colon > equals) {
                listeners.put(
                        word.substring(0, equals),
                        new InetSocketAddress(
                                word.substring(equals + 1, colon), Integer.parseInt(word.substring(colon + 1))));
            }
        }
    }

    static ServerProcess start(Path home, Path data) throws IOException {
        return start(home, data, Map.of());
    }

    static ServerProcess start(Path home, Path data, Map<String, String> settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/millrace").toString(),
                "start",
                "--data",
                data.toString(),
                "--set",
                "http.port=0",
                "--set",
                "mqtt.port=0",
                "--set",
                "amqp.port=0"));
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = process.inputReader().readLine();
        if (line == null || !line.startsWith("ready ")) {
            process.destroyForcibly();
            throw new IOException("the host at " + home + " did not start");
        }
        return new ServerProcess(process, line);
    }

    /** Bytes of heap in use after a collection. */
    long collectedHeap() throws IOException {
        return Heap.collected(process.pid());
    }

    InetSocketAddress listener(String id) {
        InetSocketAddress address = listeners.get(id);
        if (address == null) {
            throw new IllegalStateException("no listener '" + id + "' in: " + readyLine);
        }
        return address;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** User and system time the server has used so far. */
    Duration cpuTime() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        BrokerProcess.end(process);
    }
}
