package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AMQP of an installed host, with clients of other makers: rhea and Qpid Proton. */
class AmqpIT {
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

    private static String[] rhea(String... arguments) {
        return command("node", "amqp/rhea.js", arguments);
    }

    private static String[] proton(String... arguments) {
        return command("/usr/bin/python3", "amqp/proton.py", arguments);
    }

    private static String[] command(String program, String script, String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = program;
        all[1] = script;
        all[2] = String.valueOf(host.port("amqp"));
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return all;
    }

    @Test
    void whatRheaPutsIsReadOverHttpAndIsARetainedMessage() {
        List<String> sent = ClientProgram.run(folder, rhea("send", "rhea/kitchen", "{\"temp\":21}", "put"));

        assertThat(sent).containsExactly("accepted");
        assertThat(Http.text(Http.get(host, "/rhea/kitchen"))).isEqualTo("{\"temp\":21}");
        try (Mosquitto.Subscriber subscriber = mosquitto.subscribeShowingRetain("-t", "rhea/kitchen")) {
            subscriber.await("1 rhea/kitchen {\"temp\":21}");
        }
    }

    @Test
    void whatRheaPatchesIsMergedAndWhatItDeletesIsGone() {
        Http.put(host, "/rhea/patched", JSON, "{\"a\":1}");

        ClientProgram.run(folder, rhea("send", "rhea/patched", "{\"b\":2}", "patch"));
        assertThat(Http.text(Http.get(host, "/rhea/patched"))).isEqualTo("{\"a\":1,\"b\":2}");

        ClientProgram.run(folder, rhea("send", "rhea/patched", "", "delete"));
        assertThat(Http.get(host, "/rhea/patched").statusCode()).isEqualTo(404);
    }

    @Test
    void whatHttpPutsReachesRheaPresentStateFirst() {
        Http.put(host, "/http/kitchen", JSON, "{\"temp\":1}");
        try (ClientProgram receiver = ClientProgram.start(folder, rhea("receive", "http/kitchen", "2"))) {
            receiver.await("ready", "http/kitchen {\"temp\":1}");
            Http.put(host, "/http/kitchen", JSON, "{\"temp\":2}");
            receiver.await("ready", "http/kitchen {\"temp\":1}", "http/kitchen {\"temp\":2}");
        }
    }

    @Test
    void amqpRunsInsideWebSocket() {
        String[] command = rhea("send", "rhea/socket", "7", "put");
        command[2] = "ws://127.0.0.1:" + host.port("http") + "/amqp";

        assertThat(ClientProgram.run(folder, command)).containsExactly("accepted");
        assertThat(Http.text(Http.get(host, "/rhea/socket"))).isEqualTo("7");
    }

    @Test
    void eventsOfMqttReachProtonAndEventsOfProtonReachMqtt() {
        try (ClientProgram receiver = ClientProgram.start(folder, proton("receive", "doors/#", "2"));
                Mosquitto.Subscriber subscriber = mosquitto.subscribe("-t", "doors/#")) {
            receiver.await("ready");
            mosquitto.publish("-q", "1", "-t", "doors/front", "-m", "open");
            assertThat(ClientProgram.run(folder, proton("send", "doors/back", "closed")))
                    .containsExactly("accepted");

            receiver.await("ready", "doors/front open", "doors/back closed");
            subscriber.await("doors/front open", "doors/back closed");
        }
    }

    @Test
    void recordsOfATableThatIsNotDeclaredAreRefusedWhereTablesHaveToBe() {
        try (MillraceProcess strict =
                MillraceProcess.start(folder.resolve("strict"), "--set", "tables.create=declared")) {
            String[] put = rhea("send", "undeclared/1", "{}", "put");
            put[2] = String.valueOf(strict.port("amqp"));
            assertThat(ClientProgram.run(folder, put)).containsExactly("rejected amqp:not-found");
            String[] record = rhea("record", "undeclared/1", "{}");
            record[2] = put[2];
            assertThat(ClientProgram.run(folder, record)).containsExactly("error amqp:not-found");
            Http.put(strict, "/$sys/tables/undeclared", Http.JSON, "{}");
            assertThat(ClientProgram.run(folder, record)).containsExactly("accepted");
        }
    }

    @Test
    void aPatchThatIsNoneIsRejectedAndABadAddressIsRefused() {
        assertThat(ClientProgram.run(folder, rhea("send", "rhea/opaque", "{", "patch")))
                .containsExactly("rejected amqp:not-implemented");
        assertThat(ClientProgram.run(folder, rhea("receive", "a/#/b", "1"))).contains("error amqp:invalid-field");
    }
}
