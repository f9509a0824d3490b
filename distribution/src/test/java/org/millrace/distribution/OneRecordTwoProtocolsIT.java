package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test uses a table of its own, so that one host serves them all. */
class OneRecordTwoProtocolsIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;
    private static Mosquitto mosquitto;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
        mosquitto = new Mosquitto(host.port("mqtt"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    @Test
    void aPutAnswers201AndOnReplacement204EachWithItsOwnETag() {
        HttpResponse<byte[]> created = Http.put(host, "/puts/kitchen", JSON, "{\"temp\":21}");
        HttpResponse<byte[]> replaced = Http.put(host, "/puts/kitchen", JSON, "{\"temp\":22}");

        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(replaced.statusCode()).isEqualTo(204);
        assertThat(Http.header(created, "ETag")).matches("\"[^\"]+\"");
        assertThat(Http.header(replaced, "ETag")).matches("\"[^\"]+\"").isNotEqualTo(Http.header(created, "ETag"));
    }

    @Test
    void aPutReachesAnMqttSubscriberLive() {
        try (Mosquitto.Subscriber subscriber = mosquitto.subscribe("-t", "live/kitchen")) {
            Http.put(host, "/live/kitchen", JSON, "{\"temp\":21}");

            subscriber.await("live/kitchen {\"temp\":21}");
        }
    }

    @Test
    void aPutIsTheRetainedMessageOfALaterSubscriber() {
        Http.put(host, "/retained/kitchen", JSON, "{\"temp\":21}");

        try (Mosquitto.Subscriber subscriber = mosquitto.subscribeShowingRetain("-t", "retained/kitchen")) {
            subscriber.await("1 retained/kitchen {\"temp\":21}");
        }
    }

    @Test
    void theFilterForEverythingShowsEveryRecord(@TempDir Path own) {
        try (MillraceProcess fresh = MillraceProcess.start(own.resolve("data"))) {
            Http.put(fresh, "/sensors/kitchen", JSON, "{\"temp\":21}");
            try (Mosquitto.Subscriber subscriber = new Mosquitto(fresh.port("mqtt")).subscribe("-t", "#")) {
                Http.put(fresh, "/other/1", JSON, "2");

                subscriber.await("sensors/kitchen {\"temp\":21}", "other/1 2");
            }
        }
    }

    @Test
    void aRetainedPublishIsReadOverHttpWithTheSameBytes() {
        mosquitto.publish("-r", "-q", "1", "-t", "published/hall", "-m", "{\"temp\":19}");

        HttpResponse<byte[]> read = Http.get(host, "/published/hall");

        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(Http.text(read)).isEqualTo("{\"temp\":19}");
        assertThat(Http.header(read, "Content-Type")).startsWith(JSON);
    }

    @Test
    void theSameRecordIsReadAsCbor() {
        mosquitto.publish("-r", "-q", "1", "-t", "formats/hall", "-m", "{\"temp\":19}");

        HttpResponse<byte[]> read = Http.get(host, "/formats/hall", "Accept", "application/cbor");

        assertThat(Http.header(read, "Content-Type")).isEqualTo("application/cbor");
        assertThat(HexFormat.of().formatHex(read.body()))
                .as("{\"temp\":19} in CBOR, of known or open length")
                .isIn("a16474656d7013", "bf6474656d7013ff");
    }

    @Test
    void aDeleteReachesSubscribersAsAnEmptyMessageAndLeavesNothingToRead() {
        Http.put(host, "/deletes/hall", JSON, "{\"temp\":19}");
        try (Mosquitto.Subscriber subscriber = mosquitto.subscribe("-t", "deletes/hall")) {
            HttpResponse<byte[]> deleted = Http.delete(host, "/deletes/hall");

            assertThat(deleted.statusCode()).isEqualTo(204);
            subscriber.await("deletes/hall {\"temp\":19}", "deletes/hall ");
        }
        HttpResponse<byte[]> read = Http.get(host, "/deletes/hall");
        assertThat(read.statusCode()).isEqualTo(404);
        assertThat(Http.header(read, "Content-Type")).startsWith("application/problem+json");
        assertThat(Http.text(read)).contains("deletes/hall");
    }

    @Test
    void anEmptyRetainedPublishDeletesTheRecord() {
        Http.put(host, "/cleared/hall", JSON, "1");

        mosquitto.publish("-r", "-q", "1", "-t", "cleared/hall", "-n");

        assertThat(Http.get(host, "/cleared/hall").statusCode()).isEqualTo(404);
    }

    @Test
    void aPublishWithoutRetainReachesSubscribersAndChangesNoRecord() {
        Http.put(host, "/events/hall", JSON, "{\"temp\":19}");
        try (Mosquitto.Subscriber subscriber = mosquitto.subscribe("-t", "events/#")) {
            mosquitto.publish("-t", "events/hall", "-m", "knock");
            mosquitto.publish("-q", "0", "-t", "events/door", "-m", "open");

            subscriber.await("events/hall {\"temp\":19}", "events/hall knock", "events/door open");
        }
        assertThat(Http.text(Http.get(host, "/events/hall"))).isEqualTo("{\"temp\":19}");
        assertThat(Http.get(host, "/events/door").statusCode()).isEqualTo(404);
    }

    @Test
    void aPostToAPathIsAnEventAndAPostToATableIsANewRecord() {
        try (Mosquitto.Subscriber subscriber = mosquitto.subscribe("-t", "posts/door")) {
            HttpResponse<byte[]> event = Http.post(host, "/posts/door", JSON, "\"open\"");

            assertThat(event.statusCode()).isBetween(200, 204);
            subscriber.await("posts/door \"open\"");
        }
        assertThat(Http.get(host, "/posts/door").statusCode()).isEqualTo(404);

        HttpResponse<byte[]> made = Http.post(host, "/posts/", JSON, "{\"n\":1}");
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(Http.text(Http.get(host, Http.header(made, "Location")))).isEqualTo("{\"n\":1}");
    }

    @Test
    void everyByteSurvivesTheWayFromMqttOverHttpToMqtt() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 256; i++) {
            all.write(i);
        }
        Path file = folder.resolve("all-bytes");
        Files.write(file, all.toByteArray());

        mosquitto.publish("-r", "-t", "bytes/in", "-f", file.toString());
        HttpResponse<byte[]> read = Http.get(host, "/bytes/in");
        assertThat(read.body()).isEqualTo(all.toByteArray());
        Http.put(host, "/bytes/out", Http.header(read, "Content-Type"), read.body());

        try (Mosquitto.Subscriber subscriber = mosquitto.subscribeHex("-t", "bytes/out")) {
            subscriber.await("bytes/out " + HexFormat.of().formatHex(all.toByteArray()));
        }
    }

    @Test
    void curlTellsTheSameAsTheTourInTheReadme() throws Exception {
        Process curl = new ProcessBuilder(
                        "curl",
                        "-sS",
                        "-o",
                        "/dev/null",
                        "-w",
                        "%{http_code}",
                        "-X",
                        "PUT",
                        host.url("/tour/kitchen").toString(),
                        "-H",
                        "Content-Type: application/json",
                        "-d",
                        "{\"temp\":21}")
                .redirectErrorStream(true)
                .start();

        assertThat(new String(curl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("201");
        assertThat(Http.text(Http.get(host, "/tour/kitchen"))).isEqualTo("{\"temp\":21}");
    }

    @Test
    void aCollectionListsItsRecords() {
        Http.put(host, "/lists/a", JSON, "{\"n\":1}");
        Http.put(host, "/lists/b/c", JSON, "{\"n\":2}");

        HttpResponse<byte[]> listed = Http.get(host, "/lists/");

        assertThat(listed.statusCode()).isEqualTo(200);
        assertThat(Http.text(listed)).contains("\"n\":1").contains("\"n\":2").contains("b/c");
    }
}
