package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientConnectionRedirectedException;
import org.apache.qpid.protonj2.client.exceptions.ClientConnectionRemotelyClosedException;
import org.junit.jupiter.api.Test;

class RedirectTest {
    private static Throwable endOfAClient(String... settings) throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        try (AmqpHost amqp = AmqpHost.start(settings)) {
            ConnectionOptions options = new ConnectionOptions();
            options.disconnectedHandler((_, event) -> end.complete(event.failureCause()));
            Connection connection = amqp.connect(options);
            connection.openFuture().get(20, TimeUnit.SECONDS);
            amqp.host().stop("amqp");
            return end.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void clientsOfAHostThatStopsAreSentToTheOneThatIsConfigured() throws Exception {
        assertThat(endOfAClient("redirect", "b.example:5673"))
                .isInstanceOfSatisfying(ClientConnectionRedirectedException.class, to -> {
                    assertThat(to.getNetworkHost()).isEqualTo("b.example");
                    assertThat(to.getPort()).isEqualTo(5673);
                });
    }

    @Test
    void withoutASettingTheyAreToldThatItStops() throws Exception {
        assertThat(endOfAClient())
                .isInstanceOf(ClientConnectionRemotelyClosedException.class)
                .isNotInstanceOf(ClientConnectionRedirectedException.class)
                .hasMessageContaining("shutting down");
    }

    @Test
    void whatIsNoHostAndPortIsRefused() {
        assertThatThrownBy(() -> AmqpHost.start("redirect", "b.example")).hasMessageContaining("b.example:5672");
    }
}
