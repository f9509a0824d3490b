package org.millrace.plugin.mqtt.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/** From where on a session needs the journal. */
class FlightTest {
    private static final Path TOPIC = Path.of("jobs/a");
    private static final Flight.Place PLACE = new Flight.Place(new Cursor(7, 90), false, List.of());

    private static Orphan orphan(Stage stage, boolean retain, @Nullable Path path) {
        return new Orphan(
                new Exchange(stage, 3, 2, 41), retain, Format.STORED, List.of(), path, Version.NONE, new Cursor(7, 41));
    }

    private static @Nullable Cursor earliest(Orphan orphan) {
        return new Flight(Map.of(1, PLACE), List.of(orphan)).earliest();
    }

    @Test
    void aMessageThatIsToBeSentAgainIsNeededThoughNoSubscriptionLeadsBackToIt() {
        assertThat(earliest(orphan(Stage.SENT, false, TOPIC))).isEqualTo(new Cursor(7, 40));
        assertThat(earliest(orphan(Stage.WAITING, false, TOPIC))).isEqualTo(new Cursor(7, 40));
    }

    @Test
    void aRetainedMessageIsFoundInItsRecord() {
        assertThat(earliest(orphan(Stage.SENT, true, TOPIC))).isEqualTo(PLACE.position());
    }

    @Test
    void whatTheClientHasIsNeededNoMore() {
        assertThat(earliest(orphan(Stage.RELEASED, false, null))).isEqualTo(PLACE.position());
        assertThat(earliest(orphan(Stage.DONE, false, null))).isEqualTo(PLACE.position());
    }
}
