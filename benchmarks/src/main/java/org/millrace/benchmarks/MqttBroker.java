package org.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How the MQTT brokers are started that are compared. */
final class MqttBroker {
    private MqttBroker() {}

    /** Millrace from an unpacked distribution, in its default configuration. */
    static BrokerProcess millrace(Path home, Path folder) throws IOException {
        int port = BrokerProcess.freePort();
        Path data = folder.resolve("millrace");
        return BrokerProcess.start(
                "Millrace",
                port,
                folder,
                new ProcessBuilder(
                        home.resolve("bin/millrace").toString(),
                        "start",
                        "--data",
                        data.toString(),
                        "--set",
                        "http.port=0",
                        "--set",
                        "mqtt.port=" + port));
    }

    /** Debian's mosquitto; durable makes it save after each change, which is as near as it comes. */
    static BrokerProcess mosquitto(Path folder, boolean durable) throws IOException {
        int port = BrokerProcess.freePort();
        Path config = folder.resolve("mosquitto.conf");
        String saved = durable
                ? "persistence true\npersistence_location " + folder
                        + "/\nautosave_on_changes true\nautosave_interval 1\n"
                : "persistence false\n";
        Files.writeString(
                config,
                "listener " + port
                        + " 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\nuser root\n"
                        + saved);
        return BrokerProcess.start(
                durable ? "mosquitto, saving" : "mosquitto",
                port,
                folder,
                new ProcessBuilder("mosquitto", "-c", config.toString()));
    }

    /** Moquette from a folder of jars. */
    static BrokerProcess moquette(Path jars, Path folder) throws IOException {
        int port = BrokerProcess.freePort();
        Path config = Files.createDirectories(folder.resolve("moquette/config")).resolve("moquette.conf");
        Files.writeString(
                config,
                "port " + port + "\nhost 127.0.0.1\nallow_anonymous true\ntelemetry_enabled false\ndata_path "
                        + folder.resolve("moquette") + "\npersistence_enabled false\n");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return BrokerProcess.start(
                "Moquette",
                port,
                folder,
                new ProcessBuilder(
                        java,
                        "-Dmoquette.path=" + folder.resolve("moquette"),
                        "-cp",
                        jars + "/*",
                        "io.moquette.broker.Server"));
    }
}
