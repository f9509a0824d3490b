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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The options of the mosquitto clients that {@link MqttClientsIT} leaves, against an installed host with users and one with
 * TLS. Left out are those that ask for what there is not: Unix sockets, TLS with pre-shared keys or an engine, a proxy; and
 * two that are the client's own matter in version 2.0.11: it cannot read the topic aliases it asks for, and prints nothing
 * with {@code --random-filter 100}.
 */
class MosquittoOptionsIT {
    @TempDir
    static Path folder;

    private static final String USER = "ada";
    private static final String PASSWORD = "secret";

    private static MillraceProcess host;
    private static MillraceProcess secure;
    private static Path keys;

    /** How a program ended, and what it wrote. */
    private record Ended(int code, String output) {
        List<String> lines() {
            return output.lines().toList();
        }
    }

    @BeforeAll
    static void startHosts() throws Exception {
        Path configuration = Files.writeString(folder.resolve("millrace.yaml"), """
            auth:
              users:
                - {name: ada, password: secret, roles: [all]}
              roles:
                - name: all
                  read: ["#"]
                  write: ["#"]
                  publish: ["#"]
                  subscribe: ["#", "$SYS/#"]
            """);
        host = MillraceProcess.start(folder.resolve("data"), "--config", configuration.toString());
        keys = Files.createDirectories(folder.resolve("keys"));
        Certificates.make(keys);
        secure = MillraceProcess.start(
                folder.resolve("secure"),
                "--set",
                "mqtt.tls.certificate=" + keys.resolve("server.pem"),
                "--set",
                "mqtt.tls.key=" + keys.resolve("server.key"));
    }

    @AfterAll
    static void stopHosts() {
        assertThat(host.stop()).isZero();
        assertThat(secure.stop()).isZero();
    }

    private static Ended end(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output);
    }

    private static Ended client(String program, int port, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(program, "-h", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(Arrays.asList(options));
        return end(command.toArray(String[]::new));
    }

    private static String[] asUser(String... options) {
        List<String> all = new ArrayList<>(List.of("-u", USER, "-P", PASSWORD));
        all.addAll(Arrays.asList(options));
        return all.toArray(String[]::new);
    }

    private static void publish(String... options) throws Exception {
        Ended ended = client("mosquitto_pub", host.port("mqtt"), asUser(options));
        assertThat(ended.code()).as(ended.output()).isZero();
    }

    /** What mosquitto_sub prints until it ends by itself, or after its time is up (27). */
    private static Ended subscribe(String... options) throws Exception {
        Ended ended = client("mosquitto_sub", host.port("mqtt"), asUser(options));
        assertThat(ended.code()).as(ended.output()).isIn(0, 27);
        return ended;
    }

    private static Mosquitto.Subscriber following(String... options) {
        return new Mosquitto(host.port("mqtt")).subscribe(asUser(options));
    }

    @Test
    void userNamesAndPasswordsAreChecked() throws Exception {
        for (String version : new String[] {"mqttv311", "mqttv5"}) {
            Ended wrong = client(
                    "mosquitto_pub", host.port("mqtt"), "-V", version, "-u", USER, "-P", "wrong", "-t", "a", "-m", "x");
            assertThat(wrong.code()).isNotZero();
            assertThat(wrong.output()).containsIgnoringCase("bad user name or password");
            assertThat(client("mosquitto_pub", host.port("mqtt"), "-V", version, "-t", "a", "-m", "x")
                            .code())
                    .as("without a name")
                    .isNotZero();
        }
    }

    @Test
    void olderProtocolIsRefusedWithItsCode() throws Exception {
        Ended old = client("mosquitto_pub", host.port("mqtt"), asUser("-V", "mqttv31", "-t", "a", "-m", "x"));
        assertThat(old.code()).isNotZero();
        assertThat(old.output()).containsIgnoringCase("unacceptable protocol version");
    }

    @Test
    void addressesOfTheWebNameUserHostAndTopic() throws Exception {
        String url = "mqtt://" + USER + ":" + PASSWORD + "@127.0.0.1:" + host.port("mqtt") + "/url/a";
        try (Mosquitto.Subscriber s = following("-t", "url/#")) {
            assertThat(end("mosquitto_pub", "-L", url, "-m", "x").code()).isZero();
            s.await("url/a x");
        }
        assertThat(end("mosquitto_pub", "-L", url, "-m", "y", "-r", "-q", "1").code())
                .isZero();
        assertThat(end("mosquitto_sub", "-L", url, "-C", "1").lines()).containsExactly("y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void optionsOfTheConnectionChangeNothingElse(String version) throws Exception {
        String topic = "plain/" + version;
        try (Mosquitto.Subscriber s = following(
                "-V", version, "-t", topic, "-q", "2", "-A", "127.0.0.1", "--nodelay", "-k", "5", "-I", "it-")) {
            publish(
                    "-V",
                    version,
                    "-t",
                    topic,
                    "-q",
                    "2",
                    "-A",
                    "127.0.0.1",
                    "--nodelay",
                    "-k",
                    "5",
                    "-I",
                    "it-",
                    "-M",
                    "1",
                    "--quiet",
                    "-d",
                    "-m",
                    "x");
            s.await(topic + " x");
        }
    }

    @Test
    void repeatedMessagesComeAsOftenAsTheyAreSent() throws Exception {
        try (Mosquitto.Subscriber s = following("-t", "again", "-q", "1")) {
            publish("-t", "again", "-q", "1", "-m", "x", "--repeat", "3", "--repeat-delay", "0.1");
            s.await("again x", "again x", "again x");
        }
    }

    @Test
    void sessionsOfPublishersAndSubscribersLast() throws Exception {
        publish("-V", "5", "-c", "-x", "60", "-i", "lasting-pub", "-q", "2", "-t", "last/0", "-m", "x");
        publish("-c", "-i", "lasting-pub-3", "-q", "2", "-t", "last/0", "-m", "x");
        for (String version : new String[] {"mqttv311", "mqttv5"}) {
            String id = "lasting-" + version;
            subscribe("-V", version, "-c", "-i", id, "-q", "1", "-t", "last/1", "-E");
            publish("-q", "1", "-t", "last/1", "-m", version);
            assertThat(subscribe("-V", version, "-c", "-i", id, "-q", "1", "-t", "last/1", "-C", "1")
                            .lines())
                    .containsExactly(version);
        }
    }

    @Test
    void retainedOnlyEndsWithTheFirstLiveMessage() throws Exception {
        publish("-t", "ro/a", "-r", "-q", "1", "-m", "one");
        publish("-t", "ro/b", "-r", "-q", "1", "-m", "two");
        assertThat(subscribe("-t", "ro/#", "--retained-only", "-W", "3", "-v").lines())
                .contains("ro/a one", "ro/b two");
    }

    @Test
    void removeRetainedDeletesTheRecordsThatAreNotFilteredOut() throws Exception {
        publish("-t", "rm/a", "-r", "-q", "1", "-m", "one");
        publish("-t", "rm/keep", "-r", "-q", "1", "-m", "two");
        subscribe("-t", "rm/#", "-T", "rm/keep", "--remove-retained", "-W", "2");
        assertThat(subscribe("-t", "rm/#", "-W", "2", "-v").lines())
                .contains("rm/keep two")
                .doesNotContain("rm/a one");
    }

    @Test
    void staleMessagesCanBeLeftOut() throws Exception {
        publish("-t", "stale/a", "-r", "-q", "1", "-m", "old");
        assertThat(subscribe("-t", "stale/#", "-R", "-W", "2").output()).doesNotContain("old");
    }

    @Test
    void outputComesInEveryForm() throws Exception {
        publish(
                "-V",
                "5",
                "-t",
                "form",
                "-r",
                "-q",
                "1",
                "-m",
                "{\"n\":1}",
                "-D",
                "publish",
                "user-property",
                "k",
                "v");
        String[] one = {"-V", "5", "-t", "form", "-q", "1", "-C", "1"};
        assertThat(subscribe(with(one, "-N")).output()).isEqualTo("{\"n\":1}");
        assertThat(subscribe(with(one, "-v")).lines()).containsExactly("form {\"n\":1}");
        assertThat(subscribe(with(one, "-F", "%t %q %r %l %x %X %P")).lines())
                .containsExactly("form 1 1 7 7b226e223a317d 7B226E223A317D k:v");
        assertThat(subscribe(with(one, "-F", "%j")).output())
                .contains("\"topic\":\"form\"", "\"retain\":1", "\"payload\":\"{\\\"n\\\":1}\"");
        assertThat(subscribe(with(one, "-F", "%J", "--pretty")).output()).contains("\"n\":\t1");
    }

    private static String[] with(String[] some, String... more) {
        List<String> all = new ArrayList<>(Arrays.asList(some));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    @Test
    void propertiesOfEveryPacketAreTaken() throws Exception {
        try (Mosquitto.Subscriber s = following(
                "-V",
                "5",
                "-t",
                "many",
                "-q",
                "2",
                "-U",
                "none",
                "-D",
                "connect",
                "receive-maximum",
                "1",
                "-D",
                "connect",
                "maximum-packet-size",
                "65535",
                "-D",
                "connect",
                "session-expiry-interval",
                "5",
                "-D",
                "connect",
                "request-problem-information",
                "1",
                "-D",
                "connect",
                "request-response-information",
                "1",
                "-D",
                "connect",
                "user-property",
                "k",
                "v",
                "-D",
                "subscribe",
                "subscription-identifier",
                "7",
                "-D",
                "subscribe",
                "user-property",
                "k",
                "v",
                "-D",
                "unsubscribe",
                "user-property",
                "k",
                "v",
                "-D",
                "disconnect",
                "session-expiry-interval",
                "5")) {
            for (int i = 0; i < 3; i++) {
                publish(
                        "-V",
                        "5",
                        "-t",
                        "many",
                        "-q",
                        "2",
                        "-m",
                        "x" + i,
                        "-D",
                        "publish",
                        "topic-alias",
                        "1",
                        "-D",
                        "publish",
                        "message-expiry-interval",
                        "100",
                        "-D",
                        "disconnect",
                        "user-property",
                        "k",
                        "v");
            }
            s.await("many x0", "many x1", "many x2");
        }
    }

    @Test
    void willsCarryTheirPropertiesAndComeAfterTheirDelay() throws Exception {
        try (Mosquitto.Subscriber s = new Mosquitto(host.port("mqtt"))
                .formatted(">%t %p %C %R %D %P", asUser("-V", "5", "-t", "wills/#", "-q", "1"))) {
            Mosquitto.Subscriber dying = following(
                    "-V",
                    "5",
                    "-t",
                    "none",
                    "-x",
                    "30",
                    "--will-topic",
                    "wills/a",
                    "--will-payload",
                    "gone",
                    "--will-qos",
                    "1",
                    "--will-retain",
                    "-D",
                    "will",
                    "will-delay-interval",
                    "1",
                    "-D",
                    "will",
                    "message-expiry-interval",
                    "100",
                    "-D",
                    "will",
                    "payload-format-indicator",
                    "1",
                    "-D",
                    "will",
                    "content-type",
                    "text/plain",
                    "-D",
                    "will",
                    "response-topic",
                    "answers",
                    "-D",
                    "will",
                    "correlation-data",
                    "42",
                    "-D",
                    "will",
                    "user-property",
                    "k",
                    "v");
            dying.kill();
            s.await("wills/a gone text/plain answers 42 k:v");
        }
        try (Mosquitto.Subscriber s = following("-t", "wills/b", "-q", "1")) {
            // Without a payload the will is an empty message.
            following("-t", "none", "--will-topic", "wills/b").kill();
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> s.lines().equals(List.of("wills/b ")));
        }
    }

    @Test
    void figuresOfTheServerAreSubscribedTo() throws Exception {
        assertThat(subscribe("-t", "$SYS/broker/version", "-C", "1").output()).startsWith("millrace version ");
        assertThat(subscribe("-t", "$SYS/broker/clients/connected", "-C", "1", "-F", "%r %t")
                        .lines())
                .containsExactly("1 $SYS/broker/clients/connected");
        assertThat(subscribe("-t", "$SYS/broker/retained messages/count", "-C", "1")
                        .lines())
                .hasSize(1);
    }

    @Test
    void tlsIsServedWithEveryWayToTrustIt() throws Exception {
        String ca = keys.resolve("ca.pem").toString();
        Path capath = Files.createDirectories(folder.resolve("capath"));
        Files.copy(keys.resolve("ca.pem"), capath.resolve("ca.pem"));
        assertThat(end("openssl", "rehash", capath.toString()).code()).isZero();
        List<String[]> ways = List.of(
                new String[] {"--cafile", ca, "--tls-version", "tlsv1.2"},
                new String[] {"--cafile", ca, "--tls-version", "tlsv1.3"},
                new String[] {"--cafile", ca, "--tls-version", "tlsv1.2", "--ciphers", "ECDHE-RSA-AES256-GCM-SHA384"},
                new String[] {"--cafile", ca, "--tls-alpn", "mqtt"},
                new String[] {"--cafile", ca, "--insecure"},
                new String[] {"--capath", capath.toString()});
        int port = secure.port("mqtt");
        for (String[] way : ways) {
            Ended sent = client("mosquitto_pub", port, with(way, "-t", "tls", "-r", "-q", "1", "-m", "x"));
            assertThat(sent.code())
                    .as(String.join(" ", way) + ": " + sent.output())
                    .isZero();
            assertThat(client("mosquitto_sub", port, with(way, "-t", "tls", "-C", "1"))
                            .lines())
                    .containsExactly("x");
        }
        assertThat(client("mosquitto_pub", port, "--tls-use-os-certs", "-t", "tls", "-m", "x")
                        .code())
                .as("our authority is none of the system's")
                .isNotZero();
    }
}
