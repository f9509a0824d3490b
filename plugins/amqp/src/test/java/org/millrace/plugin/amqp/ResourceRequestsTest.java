package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.types.UnsignedLong;
import org.junit.jupiter.api.Test;

class ResourceRequestsTest extends AmqpTestBase {
    private Delivery ask(String act, String path, String body, Object id) throws Exception {
        Receiver answers = connection.openDynamicReceiver();
        Sender requests = connection.openSender("$resources");
        requests.send(Message.create(body)
                .subject(act)
                .to(path)
                .replyTo(answers.address())
                .messageId(id));
        return next(answers);
    }

    @Test
    void aRecordIsPutReadAndRemoved() throws Exception {
        Delivery created = ask("put", "rooms/hall", "{\"temp\":21}", "a");
        assertThat(created.message().property("statusCode")).isEqualTo(201);
        assertThat(created.message().correlationId()).isEqualTo("a");

        Delivery read = ask("GET", "rooms/hall", "", UnsignedLong.valueOf(7));
        assertThat(read.message().property("statusCode")).isEqualTo(200);
        assertThat(read.message().correlationId()).isEqualTo(UnsignedLong.valueOf(7));
        assertThat(read.message().contentType()).isEqualTo("application/json");
        assertThat(text(read)).isEqualTo("{\"temp\":21}");

        assertThat(ask("delete", "rooms/hall", "", "c").message().property("statusCode"))
                .isEqualTo(200);
        Delivery gone = ask("get", "rooms/hall", "", "d");
        assertThat(gone.message().property("statusCode")).isEqualTo(404);
        assertThat((String) gone.message().property("statusDescription")).contains("rooms/hall");
    }

    @Test
    void anUnknownActIsAnswered() throws Exception {
        Delivery refused = ask("upsert", "rooms/hall", "1", "a");
        assertThat(refused.message().property("statusCode")).isEqualTo(400);
        assertThat((String) refused.message().property("statusDescription"))
                .contains("upsert")
                .contains("get, query, put, patch, delete, post, publish");
    }
}
