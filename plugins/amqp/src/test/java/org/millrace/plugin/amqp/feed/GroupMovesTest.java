package org.millrace.plugin.amqp.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.testkit.InMemoryHost;

/** Where the place of a durable subscription is, whichever node its client comes to. */
class GroupMovesTest {
    private static final String KEY = Groups.subscriptionKey("client", "link");
    private static final GroupSpec SPEC = new GroupSpec(KEY, TopicFilter.of("t/#"), "", true, true, false);

    private final InMemoryHost host = InMemoryHost.create();
    private final Node a;
    private final Node b;

    /** What a node has of subscriptions, none of which runs. */
    private static final class Node {
        private final NodeInMemory context;
        private final long id;
        private final PlaceCopies copies;
        private final Places places;
        private final GroupMoves moves;

        private Node(NodeInMemory context) {
            this.context = context;
            id = context.id();
            copies = new PlaceCopies(context);
            places = new Places(context, copies);
            moves = new GroupMoves(context, places, copies, key -> Optional.empty());
        }

        private void keep(long position) {
            await(places.trySave(SPEC, GroupPlace.at(new Cursor(id, position), SPEC, 0)));
        }

        private void fetch() {
            await(moves.fetch(KEY));
        }

        private Optional<Cursor> place() {
            return places.find(KEY).map(GroupPlace::start);
        }
    }

    GroupMovesTest() {
        List<NodeInMemory> nodes = NodeInMemory.cluster(host, 2);
        a = new Node(nodes.get(0));
        b = new Node(nodes.get(1));
    }

    private static void await(CompletionStage<?> stage) {
        stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @BeforeEach
    void start() {
        a.moves.start();
        b.moves.start();
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    @Test
    void aPlaceGoesToTheNodeThatClaimsItAndComesBack() {
        a.keep(5);
        b.fetch();
        assertThat(a.place()).isEmpty();
        assertThat(b.place()).contains(new Cursor(b.id, 5 + NodeInMemory.FURTHER));
        a.fetch();
        assertThat(b.place()).isEmpty();
        assertThat(a.place()).contains(new Cursor(a.id, 5 + 2 * NodeInMemory.FURTHER));
    }

    @Test
    void aPlaceOfANodeThatIsAwayGoesOnFromItsCopy() {
        a.keep(5);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> b.copies.ofOther(KEY).isPresent());
        a.context.away(true);
        b.fetch();
        a.context.away(false);
        assertThat(b.place()).contains(new Cursor(b.id, 5 + NodeInMemory.FURTHER));
        a.fetch(); // back, with what it had before
        assertThat(a.place()).contains(new Cursor(a.id, 5 + 2 * NodeInMemory.FURTHER));
        assertThat(b.place()).isEmpty();
    }

    @Test
    void whatNobodyTookStaysWhereItWas() {
        a.keep(5);
        await(a.moves.letGo(KEY));
        assertThat(a.place()).isEmpty();
        a.fetch();
        assertThat(a.place()).contains(new Cursor(a.id, 5));
    }

    @Test
    void whatIsOverComesBackNowhere() {
        a.keep(5);
        await(a.copies.copyMoved());
        a.copies.over(KEY);
        a.places.remove(KEY);
        b.fetch();
        a.fetch();
        assertThat(a.place()).isEmpty();
        assertThat(b.place()).isEmpty();
    }
}
