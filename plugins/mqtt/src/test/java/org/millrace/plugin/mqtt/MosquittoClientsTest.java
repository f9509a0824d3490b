package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** End to end with mosquitto_pub and mosquitto_sub, which {@code ./check} installs. */
class MosquittoClientsTest {
    private MqttHost mqtt;

    @TempDir
    private Path files;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private Process run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program, "-p", Integer.toString(mqtt.port())));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private void publish(String... arguments) throws Exception {
        Process process = run("mosquitto_pub", arguments);
        assertThat(output(process)).isEmpty();
        assertThat(process.exitValue()).isZero();
    }

    private static String output(Process process) throws Exception {
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS))
                    .as("ended in time")
                    .isTrue();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroy();
        }
    }

    private void awaitSubscription(String topic) {
        Awaitility.await()
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> mqtt.host().resources().subscriberCount(org.millrace.spi.resource.Path.of(topic)) > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void retainedPublishIsSeenByALaterSubscriber(String version) throws Exception {
        publish("-V", version, "-r", "-q", "1", "-t", "sensors/hall", "-m", "{\"temp\":19}");
        assertThat(mqtt.host().record("sensors/hall")).isPresent();
        assertThat(output(run("mosquitto_sub", "-V", version, "-t", "#", "-C", "1", "-W", "10", "-F", "%r %t %p")))
                .isEqualTo("1 sensors/hall {\"temp\":19}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2"})
    void liveMessagesArriveAtEveryQos(String qos) throws Exception {
        Process subscriber = run("mosquitto_sub", "-q", qos, "-t", "a/+", "-C", "2", "-W", "10", "-F", "%q %r %t %p");
        awaitSubscription("a/b");
        publish("-q", qos, "-t", "a/b", "-m", "one");
        publish("-q", qos, "-t", "a/c", "-m", "two");
        assertThat(output(subscriber)).isEqualTo(qos + " 0 a/b one\n" + qos + " 0 a/c two\n");
    }

    @Test
    void deletedRecordIsAnEmptyMessage() throws Exception {
        publish("-r", "-q", "1", "-t", "a/b", "-m", "x");
        Process subscriber = run("mosquitto_sub", "-t", "a/b", "-C", "2", "-W", "10", "-F", "%l");
        awaitSubscription("a/b");
        publish("-r", "-q", "1", "-t", "a/b", "-n");
        assertThat(output(subscriber)).isEqualTo("1\n0\n");
        assertThat(mqtt.host().record("a/b")).isEmpty();
    }

    @Test
    void allByteValuesSurviveAFile() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        Path file = Files.write(files.resolve("all"), all);
        publish("-r", "-q", "1", "-t", "b", "-f", file.toString());
        Process subscriber = run("mosquitto_sub", "-t", "b", "-C", "1", "-W", "10", "-N");
        byte[] back = subscriber.getInputStream().readAllBytes();
        assertThat(subscriber.waitFor()).isZero();
        assertThat(back).isEqualTo(all);
    }

    @Test
    void propertiesAndWillsOfMqtt5Arrive() throws Exception {
        Process subscriber =
                run("mosquitto_sub", "-V", "5", "-t", "#", "-C", "1", "-W", "10", "-F", "%C %P %R %D %E %p");
        awaitSubscription("a");
        publish(
                "-V",
                "5",
                "-t",
                "a",
                "-m",
                "hi",
                "-D",
                "publish",
                "content-type",
                "text/plain",
                "-D",
                "publish",
                "user-property",
                "site",
                "hall",
                "-D",
                "publish",
                "response-topic",
                "back",
                "-D",
                "publish",
                "correlation-data",
                "77",
                "-D",
                "publish",
                "message-expiry-interval",
                "600");
        assertThat(output(subscriber)).matches("text/plain site:hall back 77 (600|599) hi\n");
    }

    @Test
    void persistentSessionGetsWhatItMissed() throws Exception {
        String[] options = {"-i", "durable", "-c", "-q", "1", "-t", "a/#", "-W", "10"};
        Process first = run("mosquitto_sub", with(options, "-E"));
        assertThat(output(first)).isEmpty();
        publish("-q", "1", "-t", "a/b", "-m", "missed");
        assertThat(output(run("mosquitto_sub", with(options, "-C", "1")))).isEqualTo("missed\n");
    }

    private static String[] with(String[] options, String... more) {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void badTopicIsRefusedWithItsReason() throws Exception {
        Process process = run("mosquitto_sub", "-V", "5", "-d", "-t", "$share//a", "-W", "5");
        assertThat(output(process)).contains("All subscription requests were denied");
    }
}
