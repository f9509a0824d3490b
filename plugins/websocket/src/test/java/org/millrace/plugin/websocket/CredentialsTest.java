package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Identity;

/** Clients that show no credentials to a host that asks for some. */
class CredentialsTest {
    private final Wire wire = new Wire(Map.of("authenticate-timeout", "10s"));

    @BeforeEach
    void demandCredentials() {
        wire.host.allowAnonymous(false);
        wire.host.addUser("ada:secret", new Identity("ada", Set.of()));
        wire.host.addUser("token", new Identity("ada", Set.of()));
    }

    @AfterEach
    void close() throws Exception {
        wire.close();
    }

    @Test
    void aRecordsUrlNeedsThemAtOnce() {
        assertThat(wire.open("/t/1", ""))
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("\r\nWWW-Authenticate: Basic ");
    }

    @Test
    void theMultiplexedProtocolServesNothingBefore() {
        wire.multiplex("millrace.json");

        assertThat(wire.ask("{\"id\":1,\"op\":\"get\",\"path\":\"t/1\"}"))
                .singleElement()
                .asString()
                .startsWith("{\"id\":1,\"error\":{\"code\":\"unauthenticated\"");
        assertThat(wire.ask("{\"id\":2,\"op\":\"subscribe\",\"filter\":\"#\"}"))
                .singleElement()
                .asString()
                .contains("unauthenticated");
    }

    @Test
    void aPasswordOpensTheDoor() {
        wire.multiplex("millrace.json");

        assertThat(wire.ask("{\"id\":1,\"op\":\"authenticate\",\"user\":\"ada\",\"password\":\"secret\"}"))
                .containsExactly("{\"id\":1,\"result\":{\"identity\":\"ada\"}}");
        assertThat(wire.ask("{\"id\":2,\"op\":\"put\",\"path\":\"t/1\",\"value\":1}"))
                .singleElement()
                .asString()
                .contains("created");
    }

    @Test
    void aTokenOpensTheDoor() {
        wire.multiplex("millrace.json");

        assertThat(wire.ask("{\"id\":1,\"op\":\"authenticate\",\"token\":\"token\"}"))
                .containsExactly("{\"id\":1,\"result\":{\"identity\":\"ada\"}}");
    }

    @Test
    void theWrongPasswordDoesNot() {
        wire.multiplex("millrace.json");
        wire.ask("{\"id\":1,\"op\":\"authenticate\",\"user\":\"ada\",\"password\":\"wrong\"}");

        assertThat(wire.ask("{\"id\":2,\"op\":\"get\",\"path\":\"t/1\"}"))
                .singleElement()
                .asString()
                .contains("unauthenticated");
    }

    @Test
    void whoShowsNoneInTimeIsClosedWith1008() {
        wire.multiplex("millrace.json");
        wire.channel.advanceTimeBy(11, TimeUnit.SECONDS);
        wire.channel.runScheduledPendingTasks();

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1008);
    }
}
