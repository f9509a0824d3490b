package org.millrace.plugin.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.mqtt.delivery.Exchange;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;
import org.millrace.testkit.InMemoryHost;

/** What is made of the parts that a killed server has left of a session. */
class StoredSessionTest {
    private static final Flight.Place BEGAN = place(500);

    private final InMemoryHost host = InMemoryHost.create();
    private final WillCodec codec = new WillCodec(host.context("mqtt", Map.of()).contents());

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private static Flight.Place place(long position, Exchange... exchanges) {
        return new Flight.Place(new Cursor(7, position), false, List.of(exchanges));
    }

    private Flight.Place read(Flight.Place flown) {
        SubscriptionOptions options = new SubscriptionOptions("a/#", 2, false, false, 0, Format.STORED, "");
        SessionHeader header = new SessionHeader(
                "ab",
                new Identity("ada", Set.of()),
                new ConnectionInfo("mqtt/5", "127.0.0.1:1", false, "c"),
                300,
                null);
        Map<String, byte[]> parts = Map.of(
                "sub/1", SessionCodec.subscription(new Saved(1, options, BEGAN, List.of(), null)),
                "flight", SessionCodec.flight(new Flight(Map.of(1, flown), List.of())));
        return StoredSession.of(header, parts, codec).subscriptions().getFirst().place();
    }

    @Test
    void aSubscriptionIsAsFarAsItHasCome() {
        Flight.Place come = place(510, new Exchange(Stage.SENT, 3, 2, 511));

        assertThat(read(come)).isEqualTo(come);
    }

    @Test
    void aSubscriptionIsNotTakenForAnEarlierOneOfTheSameNumber() {
        assertThat(read(place(150, new Exchange(Stage.SENT, 3, 2, 151)))).isEqualTo(BEGAN);
        assertThat(read(Flight.Place.SHARED)).isEqualTo(BEGAN);
    }
}
