package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.InMemoryHost;

class AmqpConfigTest {
    private static int standardPort(Map<String, String> settings) throws Exception {
        try (InMemoryHost host = InMemoryHost.create()) {
            return host.context("amqp", settings).config(AmqpConfig.class).standardPort();
        }
    }

    @Test
    void thePortIs5672AndWithTls5671() throws Exception {
        assertThat(standardPort(Map.of())).isEqualTo(5672);
        assertThat(standardPort(Map.of("tls.certificate", "server.pem", "tls.key", "server.key")))
                .isEqualTo(5671);
    }
}
