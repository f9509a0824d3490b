package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Write;
import org.millrace.store.RecordStore;

/**
 * What one connection does with all streams of the cluster: for each a sender and a receiver, which know nothing of the
 * others, and the figures of all together. Safe for use by any thread.
 */
final class Streams {
    private static final long SAVE_MILLIS = 250;
    /** So many changes of others are passed over before the place is saved for them alone. */
    private static final long SAVE_SKIPPED = 4_096;

    private final long self;
    private final List<String> epochs;
    private final Positions positions;
    private final Save save;
    private final List<Track> tracks = new ArrayList<>();
    /** By number; of the thread that saves. */
    private final List<Outbox.Place> saved = new ArrayList<>();

    private volatile boolean stopping;

    /** One stream. */
    private record Track(Lane lane, Sender sender, Receiver receiver) {}

    /** Writes something of this node down; false if that did not succeed, so that it is done again later. */
    interface Save {
        boolean save(List<Write> writes);
    }

    /** Something that runs until it is told to stop. */
    interface Work {
        void run() throws Exception;
    }

    /** Starts a thread that does it. */
    interface Threads {
        Thread start(String name, Work work);
    }

    /**
     * Makes them, once it is certain that the streams tell the same of this node as its journal. Blocks for server and disk.
     *
     * @param epochs of the streams, as they were found
     * @param save what writes places down
     * @param told of changes that prevailed here
     * @param failed takes what makes going on impossible
     * @throws ReplicationException if a stream tells another history of this node
     */
    Streams(
            ClusterOptions options,
            Connection connection,
            List<String> epochs,
            Journal journal,
            RecordStore store,
            ContentFormats formats,
            Positions positions,
            Clock clock,
            Save save,
            Consumer<List<Change>> told,
            Consumer<Throwable> failed)
            throws ReplicationException, IOException, JetStreamApiException {
        this.self = journal.node();
        this.epochs = epochs;
        this.positions = positions;
        this.save = save;
        for (Lane lane : Lane.all(options)) {
            String epoch = epochs.get(lane.number());
            Lineage lineage = new Lineage(lane, journal, positions);
            lineage.requireUnforked(connection, formats);
            Outbox.Place from = lineage.from(epoch);
            saved.add(from);
            Sender sender = new Sender(journal, connection.jetStream(), lane, connection.getMaxPayload(), from);
            Receiver receiver = new Receiver(
                    connection.getStreamContext(lane.stream()),
                    lane,
                    epoch,
                    store,
                    formats,
                    positions,
                    clock,
                    journal.node(),
                    message -> lineage.contradiction(message).ifPresent(failed),
                    told);
            tracks.add(new Track(lane, sender, receiver));
        }
    }

    /** Starts to send and to receive. */
    List<Thread> start(Threads threads) {
        List<Thread> started = new ArrayList<>();
        for (Track track : tracks) {
            String number = tracks.size() == 1 ? "" : "-" + track.lane().number();
            started.add(threads.start("millrace-cluster-out" + number, track.sender()::run));
            started.add(threads.start("millrace-cluster-in" + number, track.receiver()::run));
        }
        started.add(threads.start("millrace-cluster-places", this::saveAgainAndAgain));
        return started;
    }

    private void saveAgainAndAgain() throws InterruptedException {
        while (!stopping) {
            saveIfDue();
            Thread.sleep(SAVE_MILLIS);
        }
    }

    /**
     * Writes down up to where everything is in the streams, of all together: what is written for one that has much to do
     * says of the others how much they need not read again. Not for two threads at once.
     */
    void saveIfDue() {
        boolean due = false;
        List<Outbox.Place> places = new ArrayList<>();
        List<Write> writes = new ArrayList<>();
        for (Track track : tracks) {
            int lane = track.lane().number();
            Outbox.Place place = track.sender().acknowledged();
            Outbox.Place before = saved.get(lane);
            due |= place.last() != before.last() || place.read() - before.read() >= SAVE_SKIPPED;
            places.add(place);
            if (!place.equals(before)) {
                writes.add(positions.published(lane, place, epochs.get(lane)));
            }
        }
        if (due && save.save(writes)) {
            saved.clear();
            saved.addAll(places);
        }
    }

    void stop() {
        stopping = true;
        tracks.forEach(track -> {
            track.sender().stop();
            track.receiver().stop();
        });
    }

    List<Lane> lanes() {
        return tracks.stream().map(Track::lane).toList();
    }

    /** Tells this stream from an earlier one of the same name. */
    String epoch(int lane) {
        return epochs.get(lane);
    }

    /** Which streams take nothing, in words. */
    List<String> troubles() {
        return tracks.stream()
                .flatMap(track -> track.sender().trouble().stream())
                .toList();
    }

    /** The sender of a stream. */
    Sender sender(int lane) {
        return tracks.get(lane).sender();
    }

    /** How far sending is with each stream. */
    List<Peers.Progress> progress() {
        return tracks.stream()
                .map(Track::sender)
                .map(sender -> {
                    // What is acknowledged first: nothing is acknowledged that was not read.
                    long stored = sender.acknowledged().last();
                    Outbox.Place read = sender.read();
                    return new Peers.Progress(Math.max(sender.lastOwn(), read.last()), stored, read.read());
                })
                .toList();
    }

    /** Up to where the journal was read for each stream. */
    List<Outbox.Place> read() {
        return tracks.stream().map(track -> track.sender().read()).toList();
    }

    /** Up to where the streams have all that the journal has. */
    long acknowledged() {
        return least(track -> track.sender().acknowledged().read());
    }

    private long least(ToLongFunction<Track> figure) {
        return tracks.stream().mapToLong(figure).min().orElseThrow();
    }

    private long sum(ToLongFunction<Receiver> figure) {
        return tracks.stream().map(Track::receiver).mapToLong(figure).sum();
    }

    /** Messages that the streams have taken since this began. */
    long sent() {
        return tracks.stream().mapToLong(track -> track.sender().sent()).sum();
    }

    /** Changes taken over since this began. */
    long applied() {
        return sum(Receiver::applied);
    }

    /** Changes that lost against a later version since this began. */
    long superseded() {
        return sum(Receiver::superseded);
    }

    /** Changes that were put together with what was here since this began. */
    long merged() {
        return sum(Receiver::merged);
    }

    /** Messages in the streams that have not been read yet. */
    long behind() {
        return sum(Receiver::behind);
    }

    /** The same of one stream. */
    long behind(int lane) {
        return tracks.get(lane).receiver().behind();
    }

    /** Whether each stream was read to its end since this began. */
    boolean wasCaughtUp() {
        return tracks.stream().allMatch(track -> track.receiver().wasCaughtUp());
    }

    /** How far this node is with each stream of each node. */
    Map<Origin, Receiver.OriginState> origins() {
        Map<Origin, Receiver.OriginState> all = new HashMap<>();
        tracks.forEach(track -> track.receiver()
                .origins()
                .forEach((node, state) -> all.put(new Origin(node, track.lane().number()), state)));
        return all;
    }

    /** The last change applied of what a stream carries of a node. */
    long accepted(Origin origin) {
        return tracks.get(origin.lane()).receiver().accepted(origin.node());
    }

    /** What this node's journal contains at least, up to a place that is looked at last. */
    ForeignCursors.Sight contained(Journal journal, Peers peers) {
        Map<Origin, Long> seen = new HashMap<>();
        origins().forEach((origin, state) -> seen.put(origin, state.accepted()));
        for (Peers.Peer peer : peers.all()) {
            for (int lane = 0; lane < peer.progress().size() && peers.isPresent(peer); lane++) {
                Peers.Progress told = peer.progress().get(lane);
                // A stream that brings nothing of a node does not tell how far that is; the node does.
                seen.computeIfPresent(
                        new Origin(peer.node(), lane),
                        (origin, accepted) -> accepted < told.last() ? accepted : Math.max(accepted, told.read()));
            }
        }
        long place = journal.publishedSeq();
        tracks.forEach(track -> seen.put(new Origin(self, track.lane().number()), place));
        return new ForeignCursors.Sight(place, seen);
    }

    /** What this node's journal contains at most, up to a place that is looked at first. */
    ForeignCursors.Sight reaching() {
        Map<Origin, Long> seen = new HashMap<>();
        long place = Long.MAX_VALUE;
        for (Track track : tracks) {
            Outbox.Place own = track.sender().read();
            place = Math.min(place, own.read());
            seen.put(new Origin(self, track.lane().number()), own.last());
        }
        for (Track track : tracks) {
            track.receiver()
                    .reaching()
                    .forEach((node, last) ->
                            seen.put(new Origin(node, track.lane().number()), last));
        }
        return new ForeignCursors.Sight(place, seen);
    }
}
