package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is written down of other nodes' places, and when. */
class ForeignPlacesTest {
    private static final long LASTING = 10_000;
    private static final ForeignPlaces.Kept NOTHING = new ForeignPlaces.Kept("", "");

    private final ForeignPlaces places = after(NOTHING);

    private static ForeignPlaces after(ForeignPlaces.Kept kept) {
        return new ForeignPlaces(1, OptionalLong::empty, Clock.systemUTC(), LASTING, kept);
    }

    private void heard(long node, long place) {
        places.cursors().note(new ForeignCursors.Sight(place / 10, Map.of(new Origin(1, 0), place)));
        ForeignCursors.Sight sight = new ForeignCursors.Sight(place, Map.of(new Origin(1, 0), place));
        places.heard(new Peers.Peer(node, "n", "i", List.of(), Wants.NOTHING, sight, "", place, "", 0, 0));
    }

    @Test
    void theFirstPlaceOfANodeIsWrittenAtOnceAndAllOthersNowAndThen() {
        assertThat(places.due(true)).isEmpty();
        heard(2, 100);
        assertThat(places.due(false)).isPresent();
        heard(2, 200);
        assertThat(places.due(false)).isEmpty();
        heard(3, 300);
        assertThat(places.due(false)).isPresent();
        heard(3, 400);
        assertThat(places.due(true)).isPresent();
        assertThat(places.due(true)).isEmpty();
    }

    @Test
    void aNodeThatIsKilledKnowsPlacesFromBeforeAndKeepsWhatLiesBehindThem() {
        heard(2, 100);
        ForeignPlaces.Kept kept = places.due(false).orElseThrow();
        heard(2, 200); // not written
        ForeignPlaces again = after(kept);
        assertThat(again.cursors().here(2, 250)).hasValue(10);
        assertThat(again.holds().seen()).isEqualTo(10);
    }

    @Test
    void whatCouldNotBeWrittenIsDueAgain() {
        heard(2, 100);
        assertThat(places.due(false)).isPresent();
        places.notSaved();
        assertThat(places.due(false)).isPresent();
        assertThat(places.due(false)).isEmpty();
    }
}
