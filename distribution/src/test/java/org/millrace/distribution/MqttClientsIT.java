package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT clients of other makers against an installed host, with the options people use. */
class MqttClientsIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    private static Mosquitto mosquitto() {
        return new Mosquitto(host.port("mqtt"));
    }

    /** Runs a mosquitto program to its end with something to read, and gives its output, cut into lines. */
    private static List<String> run(String input, String program, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(program, "-p", Integer.toString(host.port("mqtt"))));
        command.addAll(Arrays.asList(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(command + ": " + output).isIn(0, 27);
        return output.lines().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2"})
    void eachQosArrivesInEachVersion(String qos) {
        for (String version : new String[] {"mqttv311", "mqttv5"}) {
            String topic = "qos/" + version + qos;
            try (Mosquitto.Subscriber s = mosquitto().subscribe("-V", version, "-t", topic, "-q", qos)) {
                mosquitto().publish("-V", version, "-t", topic, "-q", qos, "-m", "hello");
                s.await(topic + " hello");
            }
        }
    }

    @Test
    void everyLineOfStandardInputIsAMessage() throws Exception {
        try (Mosquitto.Subscriber s = mosquitto().subscribe("-t", "lines", "-q", "2")) {
            run("one\ntwo\nthree\n", "mosquitto_pub", "-t", "lines", "-q", "2", "-l");
            s.await("lines one", "lines two", "lines three");
        }
    }

    @Test
    void standardInputFilesAndNothingAreMessages() throws Exception {
        Path file = Files.writeString(folder.resolve("payload"), "from a file");
        try (Mosquitto.Subscriber s = mosquitto().subscribe("-t", "whole", "-q", "1")) {
            run("from standard input", "mosquitto_pub", "-t", "whole", "-q", "1", "-s");
            run("", "mosquitto_pub", "-t", "whole", "-q", "1", "-f", file.toString());
            run("", "mosquitto_pub", "-t", "whole", "-q", "1", "-n");
            s.await("whole from standard input", "whole from a file", "whole ");
        }
    }

    @Test
    void largePayloadArrivesWhole() throws Exception {
        Path file = folder.resolve("large");
        Files.writeString(file, "x".repeat(900_000));
        try (Mosquitto.Subscriber s = mosquitto().subscribe("-t", "large")) {
            run("", "mosquitto_pub", "-t", "large", "-q", "1", "-f", file.toString());
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> s.lines().size() == 1);
            assertThat(s.lines().getFirst()).hasSize("large ".length() + 900_000);
        }
    }

    @Test
    void retainedMessageComesFirstAndIsRemovedByAnEmptyOne() throws Exception {
        mosquitto().publish("-t", "kept/a", "-r", "-m", "state");
        assertThat(run("", "mosquitto_sub", "-t", "kept/#", "-C", "1", "-F", "%r %t %p"))
                .containsExactly("1 kept/a state");
        assertThat(run("", "mosquitto_sub", "-t", "kept/#", "-R", "-W", "1")).doesNotContain("state");
        mosquitto().publish("-t", "kept/a", "-r", "-n");
        assertThat(run("", "mosquitto_sub", "-t", "kept/#", "-W", "1")).doesNotContain("state");
    }

    @Test
    void retainAsPublishedShowsTheFlagAsItCame() {
        try (Mosquitto.Subscriber plain = mosquitto().subscribeShowingRetain("-V", "5", "-t", "rap");
                Mosquitto.Subscriber s =
                        mosquitto().subscribeShowingRetain("-V", "5", "-t", "rap", "--retain-as-published")) {
            mosquitto().publish("-t", "rap", "-r", "-m", "x");
            s.await("1 rap x");
            plain.await("0 rap x");
        }
    }

    @Test
    void willIsPublishedWhenAClientDies() throws Exception {
        try (Mosquitto.Subscriber s = mosquitto().subscribeShowingRetain("-t", "will/#", "-q", "1")) {
            Mosquitto.Subscriber dying = mosquitto()
                    .subscribe(
                            "-V",
                            "5",
                            "-t",
                            "elsewhere",
                            "--will-topic",
                            "will/a",
                            "--will-payload",
                            "gone",
                            "--will-qos",
                            "1",
                            "--will-retain");
            dying.kill();
            s.await("0 will/a gone");
        }
        assertThat(run("", "mosquitto_sub", "-t", "will/a", "-C", "1")).containsExactly("gone");
    }

    @Test
    void sessionKeepsWhatComesMeanwhile() throws Exception {
        String[] session = {"-V", "5", "-i", "keeper", "-c", "-x", "300", "-q", "1", "-t", "session/#"};
        run(
                "",
                "mosquitto_sub",
                Stream.concat(Arrays.stream(session), Stream.of("-E")).toArray(String[]::new));
        mosquitto().publish("-t", "session/a", "-m", "meanwhile");
        assertThat(run(
                        "",
                        "mosquitto_sub",
                        Stream.concat(Arrays.stream(session), Stream.of("-C", "1"))
                                .toArray(String[]::new)))
                .containsExactly("meanwhile");
    }

    @Test
    void filteredOutAndUnsubscribedTopicsDoNotCome() throws Exception {
        try (Mosquitto.Subscriber s =
                mosquitto().subscribe("-t", "many/#", "-T", "many/no", "-t", "gone", "-U", "gone")) {
            mosquitto().publish("-t", "many/no", "-m", "x");
            mosquitto().publish("-t", "many/yes", "-m", "y");
            s.await("many/yes y");
        }
    }

    @Test
    void propertiesOfMqtt5Arrive() throws Exception {
        try (Mosquitto.Subscriber s =
                mosquitto().formatted(">%t|%p|%C|%R|%D|%P|%F|%E", "-V", "5", "-t", "props", "-q", "1")) {
            mosquitto()
                    .publish(
                            "-V",
                            "5",
                            "-t",
                            "props",
                            "-m",
                            "text",
                            "-D",
                            "publish",
                            "content-type",
                            "text/plain",
                            "-D",
                            "publish",
                            "response-topic",
                            "answers",
                            "-D",
                            "publish",
                            "correlation-data",
                            "42",
                            "-D",
                            "publish",
                            "user-property",
                            "k",
                            "v",
                            "-D",
                            "publish",
                            "payload-format-indicator",
                            "1",
                            "-D",
                            "publish",
                            "message-expiry-interval",
                            "1000");
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> !s.lines().isEmpty());
            assertThat(s.lines().getFirst()).startsWith("props|text|text/plain|answers|42|k:v|1|");
        }
    }

    @Test
    void sharedSubscriptionSplitsMessages() {
        try (Mosquitto.Subscriber one = mosquitto().subscribe("-V", "5", "-t", "$share/g/jobs", "-q", "1");
                Mosquitto.Subscriber two = mosquitto().subscribe("-V", "5", "-t", "$share/g/jobs", "-q", "1")) {
            for (int i = 0; i < 10; i++) {
                mosquitto().publish("-t", "jobs", "-m", "job" + i);
            }
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> one.lines().size() + two.lines().size() == 10);
            assertThat(one.lines()).isNotEmpty().doesNotContainAnyElementsOf(two.lines());
            assertThat(two.lines()).isNotEmpty();
        }
    }

    @Test
    void mqttJsSpeaksBothVersionsOverTcpAndWebSocket() {
        NodeScript.run(
                "mqtt-js.mjs",
                "mqtt://127.0.0.1:" + host.port("mqtt"),
                "ws://127.0.0.1:" + host.port("http") + "/mqtt");
    }

    @Test
    void pahoForPythonSpeaksBothVersions() {
        List<String> lines =
                ClientProgram.run(folder, "/usr/bin/python3", "paho-client.py", Integer.toString(host.port("mqtt")));
        assertThat(lines).containsExactly("3.1.1 ok", "5 ok");
    }

    @Test
    void tlsAndClientCertificatesAreServed() throws IOException, InterruptedException {
        Path keys = Files.createDirectories(folder.resolve("keys"));
        Certificates.make(keys);
        try (MillraceProcess tls = MillraceProcess.start(
                folder.resolve("tls-data"),
                "--set",
                "mqtt.tls.certificate=" + keys.resolve("server.pem"),
                "--set",
                "mqtt.tls.key=" + keys.resolve("server.key"),
                "--set",
                "mqtt.tls.client-ca=" + keys.resolve("ca.pem"))) {
            String ca = keys.resolve("ca.pem").toString();
            Mosquitto server = new Mosquitto(tls.port("mqtt"));
            String[] mutual = {
                "--cafile",
                ca,
                "--cert",
                keys.resolve("client.pem").toString(),
                "--key",
                keys.resolve("client.key").toString(),
                "-t",
                "secret",
                "-V",
                "5"
            };
            try (Mosquitto.Subscriber s = server.subscribe(mutual)) {
                server.publish(Stream.concat(Arrays.stream(mutual), Stream.of("-m", "x"))
                        .toArray(String[]::new));
                s.await("secret x");
            }
        }
    }
}
