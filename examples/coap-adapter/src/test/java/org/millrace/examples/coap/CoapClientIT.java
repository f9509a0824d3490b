package org.millrace.examples.coap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed adapter beside the shipped plugins of an installed host, used by libcoap's client. */
class CoapClientIT {
    @TempDir
    static Path folder;

    private static HostProcess host;

    @BeforeAll
    static void start() throws IOException {
        host = HostProcess.start(folder);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        host.close();
    }

    @Test
    void aRecordIsTheSameOverBothProtocols() throws Exception {
        assertThat(coap("sensors/hall", "-m", "put", "-t", "50", "-e", "{\"temp\":21}"))
                .isEmpty();
        assertThat(curl("/sensors/hall")).isEqualTo("{\"temp\":21}");
        curl("/sensors/hall", "-X", "PUT", "-H", "Content-Type: application/json", "-d", "{\"temp\":22}");
        assertThat(coap("sensors/hall", "-m", "get")).isEqualTo("{\"temp\":22}");
        assertThat(coap("sensors/hall", "-m", "delete")).isEmpty();
        assertThat(coap("sensors/hall", "-m", "get")).contains("4.04", "there is no record sensors/hall");
    }

    @Test
    void aRecordComesInTheFormatThatIsAccepted() throws Exception {
        coap("formats/1", "-m", "put", "-t", "50", "-e", "{\"a\":1}");
        Path cbor = folder.resolve("record.cbor");

        coap("formats/1", "-m", "get", "-A", "60", "-o", cbor.toString());

        assertThat(Files.readAllBytes(cbor)).containsExactly(0xA1, 0x61, 'a', 0x01);
        assertThat(coap("formats/1", "-m", "get", "-A", "41")).contains("4.06");
    }

    @Test
    void largeContentsGoInBlocksBothWays() throws Exception {
        Path large = folder.resolve("large.json");
        Files.writeString(large, "\"" + "0123456789".repeat(5_000) + "\"");
        Path back = folder.resolve("back.json");

        assertThat(coap("blocks/1", "-m", "put", "-t", "50", "-f", large.toString()))
                .isEmpty();
        assertThat(coap("blocks/1", "-m", "get", "-b", "256", "-o", back.toString()))
                .isEmpty();

        assertThat(back).hasSameBinaryContentAs(large);
        Path tooLarge = folder.resolve("too-large.json");
        Files.writeString(tooLarge, "\"" + "0123456789".repeat(10_000) + "\"");
        assertThat(coap("blocks/2", "-m", "put", "-t", "50", "-f", tooLarge.toString()))
                .contains("4.13");
    }

    @Test
    void preconditionsAreOptions() throws Exception {
        assertThat(coap("locks/1", "-m", "put", "-O", "5", "-e", "1")).isEmpty(); // If-None-Match
        assertThat(coap("locks/1", "-m", "put", "-O", "5", "-e", "2")).contains("4.12");
        assertThat(coap("locks/1", "-m", "put", "-O", "1,0x0102030405060708", "-e", "3"))
                .contains("4.12"); // If-Match
        assertThat(curl("/locks/1")).isEqualTo("1");
    }

    @Test
    void anObserverFollowsWhatOthersWrite() throws Exception {
        coap("watched/1", "-m", "put", "-t", "50", "-e", "{\"n\":0}");
        Process observer = new ProcessBuilder(
                        "coap-client-notls",
                        "-m",
                        "get",
                        "-s",
                        "30",
                        "-w",
                        "coap://127.0.0.1:" + host.port("coap") + "/watched/1")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            BufferedReader told = observer.inputReader();
            assertThat(told.readLine()).isEqualTo("{\"n\":0}");
            for (int n = 1; n <= 3; n++) {
                curl("/watched/1", "-X", "PATCH", "-H", "Content-Type: application/json", "-d", "{\"n\":" + n + "}");
                assertThat(told.readLine()).isEqualTo("{\"n\":" + n + "}");
            }
        } finally {
            observer.destroy();
        }
    }

    @Test
    void aPatchIsMergedIntoTheRecord() throws Exception {
        coap("patched/1", "-m", "put", "-t", "50", "-e", "{\"temp\":21}");

        assertThat(coap("patched/1", "-m", "ipatch", "-t", "52", "-e", "{\"door\":\"open\"}"))
                .isEmpty();
        assertThat(coap("patched/1", "-m", "patch", "-t", "51", "-e", "[{\"op\":\"remove\",\"path\":\"/temp\"}]"))
                .isEmpty();

        assertThat(curl("/patched/1")).isEqualTo("{\"door\":\"open\"}");
    }

    @Test
    void postMakesARecord() throws Exception {
        assertThat(coap("orders/", "-m", "post", "-t", "50", "-e", "{\"item\":\"lamp\"}"))
                .isEmpty();

        assertThat(curl("/orders/")).contains("{\"item\":\"lamp\"}");
    }

    @Test
    void tablesAndTheirRecordsAreDiscovered() throws Exception {
        curl("/$sys/tables/boards", "-X", "PUT", "-H", "Content-Type: application/json", "-d", "{}");
        coap("boards/1", "-m", "put", "-t", "50", "-e", "{}");

        assertThat(coap(".well-known/core", "-m", "get")).contains("</boards/>;rt=\"millrace.table\"");
        assertThat(coap(".well-known/core?href=/boards/*", "-m", "get"))
                .isEqualTo("</boards/1>;rt=\"millrace.record\";obs;ct=50");
    }

    @Test
    void theListenerIsSeenAmongThoseOfThePlugin() throws Exception {
        assertThat(curl("/$sys/plugins/coap"))
                .contains(
                        "\"state\":\"started\"",
                        "\"listeners\":[{\"name\":\"coap\",\"address\":\"127.0.0.1:" + host.port("coap")
                                + "\",\"transport\":\"udp\"}]");
        assertThat(curl("/metrics")).contains("millrace_listener_received_datagrams{listener=\"coap\"}");
        assertThat(coap("$sys/plugins/coap", "-m", "get")).contains("\"state\":\"started\"");
    }

    private static String coap(String path, String... options) throws IOException, InterruptedException {
        return host.coap(path, options);
    }

    private static String curl(String path, String... options) throws IOException, InterruptedException {
        return host.curl(path, options);
    }
}
