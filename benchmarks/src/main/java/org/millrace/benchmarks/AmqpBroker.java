package org.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** How the AMQP brokers are started that are compared, each with a heap of 1 GiB at most. */
final class AmqpBroker {
    private static final String HEAP = "-Xmx1g";

    private AmqpBroker() {}

    /** Millrace from an unpacked distribution, in its default configuration. */
    static BrokerProcess millrace(Path home, Path folder) throws IOException {
        int port = BrokerProcess.freePort();
        ProcessBuilder command = new ProcessBuilder(
                home.resolve("bin/millrace").toString(),
                "start",
                "--data",
                folder.resolve("millrace").toString(),
                "--set",
                "http.port=0",
                "--set",
                "mqtt.port=0",
                "--set",
                "amqp.port=" + port);
        command.environment().put("JAVA_OPTS", HEAP);
        return BrokerProcess.start("Millrace", port, folder, command);
    }

    /** Apache Artemis from a folder of jars; see the program for how it is configured. */
    static BrokerProcess artemis(Path jars, Path program, Path folder) throws IOException {
        int port = BrokerProcess.freePort();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return BrokerProcess.start(
                "Artemis",
                port,
                folder,
                new ProcessBuilder(
                        java,
                        HEAP,
                        "-cp",
                        jars + "/*",
                        program.toString(),
                        String.valueOf(port),
                        folder.resolve("artemis").toString()));
    }
}
