package org.millrace.replication;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What the nodes tell each other once a second: that they are there, what they are called, and how far their own changes
 * have come. Free of I/O; safe for use by any thread.
 */
final class Peers {
    /** A node that has been silent for so long counts as away. */
    static final long SILENT_MILLIS = 5_000;
    /** Clocks further apart than this are reported. */
    static final long CLOCKS_APART_MILLIS = 10_000;

    private static final long LASTING_MILLIS = 2_500;
    private static final int MOST = 1_024;
    /** What an earlier release has told of its tables. No name of a table is empty, so there are no two commas. */
    private static final String UNKNOWN = ",,";

    private final long self;
    private final String name;
    private final String instance;
    private final String tables;
    private final Clock clock;
    private final Map<Long, Peer> peers = new ConcurrentHashMap<>();
    private volatile Wants wanted = Wants.NOTHING;
    private String stranger = "";
    private long strangerSince;

    /**
     * One node, as it was heard last.
     *
     * @param node its id
     * @param name what people call it
     * @param instance which run of which process
     * @param progress how far its own changes are, for each stream
     * @param wants the events it wants that are kept nowhere
     * @param sight what its journal contains
     * @param tables those it has in common with others, as text; empty for all
     * @param held the place in its journal behind which its clients may need what follows; -1 if unknown
     * @param sums what its records amount to, as {@link Comparison.Sums#told()}
     * @param apartMillis how far its clock is ahead of this node's, the way of the message included
     * @param heardMillis when it was heard
     */
    record Peer(
            long node,
            String name,
            String instance,
            List<Progress> progress,
            Wants wants,
            ForeignCursors.Sight sight,
            String tables,
            long held,
            String sums,
            long apartMillis,
            long heardMillis) {
        Peer {
            progress = List.copyOf(progress);
        }
    }

    /**
     * How far a node's own changes are that go to one stream.
     *
     * @param last the last one
     * @param stored the last one that the stream has acknowledged
     * @param read up to where the journal was looked at: there is no later one before that
     */
    record Progress(long last, long stored, long read) {
        static Progress parse(String text) {
            String[] parts = text.split(":", -1);
            return new Progress(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        }

        @Override
        public String toString() {
            return last + ":" + stored + ":" + read;
        }
    }

    Peers(long self, String name, String instance, List<String> tables, Clock clock) {
        this.self = self;
        this.name = name;
        this.instance = instance;
        this.tables = tables.stream()
                .map(table -> URLEncoder.encode(table, StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
        this.clock = clock;
    }

    /** What this node tells. */
    byte[] beat(List<Progress> progress, Wants wants, ForeignCursors.Sight sight, long held, String sums) {
        String seen = sight.seen().entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue())
                .collect(Collectors.joining(","));
        String streams = progress.stream().map(Progress::toString).collect(Collectors.joining(","));
        // For releases that know of one stream only.
        long last = progress.getFirst().last();
        long stored = progress.getFirst().stored();
        String text = "node=" + Long.toHexString(self) + "\ninstance=" + instance + "\nname=" + name + "\nlast="
                + last + "\nstored=" + stored + "\nstreams=" + streams + "\nwants=" + wants + "\nplace=" + sight.place()
                + "\nseen=" + seen
                + "\ntables=" + tables + "\nheld=" + held + "\nsums=" + sums + "\nclock=" + clock.millis() + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Takes note of what another node tells.
     *
     * @return that node, unless it is this one, or what it says is not understood
     * @throws ReplicationException if it claims to be this node
     */
    Optional<Peer> heard(byte[] beat) throws ReplicationException {
        Map<String, String> told = new HashMap<>();
        new String(beat, StandardCharsets.UTF_8).lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                told.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        long now = clock.millis();
        Peer peer;
        try {
            peer = new Peer(
                    Long.parseUnsignedLong(told.getOrDefault("node", ""), 16),
                    told.getOrDefault("name", ""),
                    told.getOrDefault("instance", ""),
                    progress(told),
                    Wants.parse(told.getOrDefault("wants", "")),
                    sight(told.getOrDefault("place", "0"), told.getOrDefault("seen", "")),
                    told.getOrDefault("tables", UNKNOWN),
                    Long.parseLong(told.getOrDefault("held", "-1")),
                    told.getOrDefault("sums", ""),
                    Long.parseLong(told.getOrDefault("clock", "")) - now,
                    now);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty(); // of a release that says it differently
        }
        if (peer.node() == self) {
            if (!peer.instance().equals(instance) && isLasting(peer.instance(), now)) {
                throw ReplicationException.lasting("another running host has this node's id " + Long.toHexString(self)
                        + " (it calls itself '" + peer.name()
                        + "'): its data directory is a copy of this one. Stop one of"
                        + " both, and start it with an empty data directory, so that it becomes a node of its own");
            }
            return Optional.empty();
        }
        if (peers.size() >= MOST && !peers.containsKey(peer.node())) {
            return Optional.empty();
        }
        peers.put(peer.node(), peer);
        refresh();
        return Optional.of(peer);
    }

    private static List<Progress> progress(Map<String, String> told) {
        String streams = told.get("streams");
        return streams == null
                ? List.of(new Progress(
                        Long.parseLong(told.getOrDefault("last", "")),
                        Long.parseLong(told.getOrDefault("stored", "")),
                        0))
                : Arrays.stream(streams.split(",", -1)).map(Progress::parse).toList();
    }

    private static ForeignCursors.Sight sight(String place, String seen) {
        Map<Origin, Long> all = new HashMap<>();
        for (String one : seen.isEmpty() ? new String[0] : seen.split(",", -1)) {
            int colon = one.indexOf(':');
            all.put(Origin.parse(one.substring(0, Math.max(0, colon))), Long.parseLong(one.substring(colon + 1)));
        }
        return new ForeignCursors.Sight(Long.parseLong(place), all);
    }

    /** Looks again who is there. */
    void refresh() {
        wanted = Wants.union(
                peers.values().stream().filter(this::isPresent).map(Peer::wants).toList());
    }

    /** The events that are wanted by any other node that is there. */
    Wants wanted() {
        return wanted;
    }

    /**
     * Whether another instance goes on telling. What the process before this one has told may come late, all of it within
     * a moment, when a server has hung meanwhile.
     */
    private synchronized boolean isLasting(String other, long now) {
        if (!other.equals(stranger)) {
            stranger = other;
            strangerSince = now;
        }
        return now - strangerSince >= LASTING_MILLIS;
    }

    /** All nodes that were heard since this node started, without this one. */
    List<Peer> all() {
        return List.copyOf(peers.values());
    }

    /**
     * Up to which change of each other node each stream has had them, as it says itself. Of one that is away, what those
     * that are there have seen tells that there are some, but may be a place behind the last of them.
     *
     * @param isNew whether nothing of an origin is here yet; others that are away are left out
     */
    Map<Origin, Long> stored(Predicate<Origin> isNew) {
        Map<Origin, Long> stored = new HashMap<>();
        List<Peer> present = peers.values().stream().filter(this::isPresent).toList();
        present.forEach(peer -> peer.sight().seen().forEach((origin, last) -> {
            if (isNew.test(origin)) {
                stored.merge(origin, last, Math::max);
            }
        }));
        for (Peer peer : present) {
            for (int lane = 0; lane < peer.progress().size(); lane++) {
                stored.put(
                        new Origin(peer.node(), lane), peer.progress().get(lane).stored());
            }
        }
        stored.keySet().removeIf(origin -> origin.node() == self);
        return stored;
    }

    /**
     * Another node that has an origin's changes: one that is there, and has all tables that this one has in common with
     * others.
     *
     * @param through up to which change it must have them
     */
    Optional<Peer> having(Origin origin, long through) {
        return peers.values().stream()
                .filter(this::isPresent)
                .filter(peer -> peer.tables().isEmpty() || peer.tables().equals(tables))
                .filter(peer -> peer.sight().seen().getOrDefault(origin, 0L) >= through)
                .findFirst();
    }

    boolean isPresent(Peer peer) {
        return clock.millis() - peer.heardMillis() < SILENT_MILLIS;
    }

    /** What the operator should know. */
    List<String> alerts() {
        List<String> alerts = new ArrayList<>();
        for (Peer peer : peers.values()) {
            if (!isPresent(peer)) {
                continue;
            }
            if (peer.name().equals(name)) {
                alerts.add("two nodes are called '" + name + "': " + Long.toHexString(self) + " (this one) and "
                        + Long.toHexString(peer.node()) + ". Replication works; give one another cluster.node, so that"
                        + " people can tell them apart");
            }
            if (Math.abs(peer.apartMillis()) > CLOCKS_APART_MILLIS) {
                alerts.add("the clock of node '" + peer.name() + "' is " + Math.abs(peer.apartMillis()) + " ms "
                        + (peer.apartMillis() > 0 ? "ahead of" : "behind")
                        + " this node's; set the clocks of both machines"
                        + " (NTP), for the later write prevails");
            }
        }
        return alerts;
    }
}
