package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Identity;
import org.millrace.testkit.RawPeer;

class AuthenticationTest {
    private AmqpHost amqp;

    @BeforeEach
    void start() throws Exception {
        amqp = AmqpHost.start();
        amqp.host().addUser("ada:secret", new Identity("ada", Set.of()));
    }

    @AfterEach
    void stop() throws Exception {
        amqp.close();
    }

    @Test
    void aUserWithItsPasswordIsLetIn() throws Exception {
        amqp.host().allowAnonymous(false);
        try (Connection connection =
                amqp.connect(new ConnectionOptions().user("ada").password("secret"))) {
            connection.openSender("a/b").openFuture().get();
        }
    }

    @Test
    void aWrongPasswordIsRefusedBySasl() {
        assertThatThrownBy(
                        () -> amqp.connect(new ConnectionOptions().user("ada").password("wrong"))
                                .openFuture()
                                .get())
                .hasMessageContaining("SASL");
    }

    @Test
    void aBareHeaderIsAnAnonymousClients() {
        RawPeer peer = amqp.peer().sendHex("414d515000010000").sendHex("0000001102000000005310c00401a10161");
        peer.expectHex("414d515000010000");
        peer.close();
    }

    @Test
    void aBareHeaderIsRefusedWhereAnonymousClientsAre() {
        amqp.host().allowAnonymous(false);
        // open with container-id "a": size, doff 2, type 0, channel 0, list8 of one string
        RawPeer peer = amqp.peer().sendHex("414d515000010000").sendHex("0000001102000000005310c00401a10161");

        assertThat(peer.readAll()).contains("amqp:unauthorized-access");
    }

    @Test
    void anUnknownMechanismEndsInAnAuthOutcome() {
        RawPeer peer = amqp.peer().sendHex("414d515003010000");
        peer.expectHex("414d515003010000");
        // sasl-init with mechanism "NONE"
        peer.sendHex("00000014020100000053 41c00701a3044e4f4e45".replace(" ", ""));

        // sasl-outcome, code 1
        assertThat(peer.readAll()).contains("PLAIN").contains("\u0000SD\u00c0");
    }
}
