package org.millrace.plugin.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.mqtt.delivery.Exchange;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.Retirement;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;

/** What becomes of a session that another node of the cluster had. */
class MovedSessionTest {
    private static final long THERE = 7;
    private static final long HERE = 8;
    private static final Cursor HEAD = new Cursor(HERE, 1_000);

    private static SessionState session(Retirement retirement, Exchange... exchanges) {
        Flight.Place place = new Flight.Place(new Cursor(THERE, 40), false, List.of(exchanges));
        SubscriptionOptions options = new SubscriptionOptions("a/#", 2, false, false, 0, Format.STORED, "");
        return new SessionState(
                new Identity("ada", Set.of("all")),
                new ConnectionInfo("mqtt", "127.0.0.1:1", false, "c"),
                "ab",
                300,
                List.of(new Saved(3, options, place, List.of(), retirement)),
                List.of(),
                Set.of(11),
                new AtomicReference<>(null));
    }

    private static MovedSession.Arrived move(SessionState state, Optional<Cursor> place) {
        return MovedSession.of(state, "cd", cursor -> place, HEAD);
    }

    @Test
    void itGoesOnWhereItMissesNothing() {
        MovedSession.Arrived arrived = move(session(null), Optional.of(new Cursor(HERE, 90)));
        assertThat(arrived.lost()).isFalse();
        assertThat(arrived.state().generation()).isEqualTo("cd");
        assertThat(arrived.state().received()).containsExactly(11);
        Flight.Place place = arrived.state().subscriptions().getFirst().place();
        assertThat(place).isEqualTo(new Flight.Place(new Cursor(HERE, 90), false, List.of()));
    }

    @Test
    void exchangesTheClientWaitsToEndKeepTheirPacketIdentifierAndOthersBeginAnew() {
        MovedSession.Arrived arrived = move(
                session(
                        null,
                        new Exchange(Stage.RELEASED, 5, 2, 41),
                        new Exchange(Stage.SENT, 6, 2, 42),
                        new Exchange(Stage.DONE, 0, 1, 43)),
                Optional.of(new Cursor(HERE, 90)));
        assertThat(arrived.state().orphans()).singleElement().satisfies(orphan -> {
            assertThat(orphan.exchange().packetId()).isEqualTo(5);
            assertThat(orphan.exchange().stage()).isEqualTo(Stage.RELEASED);
            assertThat(orphan.path()).isNull();
        });
        assertThat(arrived.state().subscriptions().getFirst().place().exchanges())
                .isEmpty();
    }

    @Test
    void whereItWasIsNotKnownThePresentStateIsShown() {
        MovedSession.Arrived arrived = move(session(null), Optional.empty());
        assertThat(arrived.lost()).isTrue();
        assertThat(arrived.state().subscriptions().getFirst().place())
                .isEqualTo(new Flight.Place(HEAD, true, List.of()));
    }

    @Test
    void whatTheClientHasUnsubscribedFromDoesNotComeAgain() {
        MovedSession.Arrived arrived = move(
                session(new Retirement(50, 3), new Exchange(Stage.RELEASED, 5, 2, 41)),
                Optional.of(new Cursor(HERE, 90)));
        assertThat(arrived.state().subscriptions()).isEmpty();
        assertThat(arrived.state().orphans()).extracting(Orphan::exchange).hasSize(1);
    }
}
