package org.millrace.replication;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Puts together what is known of the other nodes, from all streams. Stateless, for any thread. */
final class OtherNodes {
    private OtherNodes() {}

    /** What is known of one node while it is put together. */
    private static final class Figures {
        private final Set<Integer> lanes = new HashSet<>();
        private long applied;
        private long least = Long.MAX_VALUE;
        private long behind;
        private long behindMillis;
        private Inbox.Wait wait = Inbox.Wait.NONE;

        private void add(int lane, Receiver.OriginState state, long last, long nowMillis) {
            if (!lanes.add(lane)) {
                return;
            }
            applied = Math.max(applied, state.accepted());
            long missing = Math.max(0, last - state.accepted());
            behind = Math.max(behind, missing);
            if (missing > 0) {
                least = Math.min(least, state.accepted());
                if (state.clock() != 0) {
                    behindMillis = Math.max(behindMillis, nowMillis - (state.clock() >>> 16));
                }
            }
            if (state.held().compareTo(wait) > 0) {
                wait = state.held();
            }
        }

        private ClusterStatus.Origin of(long node, String name, boolean present) {
            String waiting = switch (wait) {
                case NONE -> "none";
                case MISSING -> "missing";
                case CLOCK -> "clock";
            };
            return new ClusterStatus.Origin(
                    node, name, present, Math.min(applied, least), behind, Math.max(0, behindMillis), waiting);
        }
    }

    /**
     * How this node is with each other node: as with the stream in which it is furthest behind. A stream in which a node
     * writes nothing has nothing to be behind with.
     *
     * @param self this node, which is left out
     */
    static List<ClusterStatus.Origin> of(
            Map<Origin, Receiver.OriginState> origins, Peers peers, long self, long nowMillis) {
        Map<Long, Figures> figures = new TreeMap<>(Long::compareUnsigned);
        Map<Long, Peers.Peer> heard = new HashMap<>();
        for (Peers.Peer peer : peers.all()) {
            heard.put(peer.node(), peer);
            Figures of = figures.computeIfAbsent(peer.node(), node -> new Figures());
            for (int lane = 0; lane < peer.progress().size(); lane++) {
                of.add(
                        lane,
                        origins.getOrDefault(new Origin(peer.node(), lane), Receiver.OriginState.UNKNOWN),
                        peer.progress().get(lane).last(),
                        nowMillis);
            }
        }
        origins.forEach((origin, state) -> figures.computeIfAbsent(origin.node(), node -> new Figures())
                .add(origin.lane(), state, state.accepted(), nowMillis));
        figures.remove(self);
        return figures.entrySet().stream()
                .map(entry -> {
                    Peers.Peer peer = heard.get(entry.getKey());
                    return entry.getValue()
                            .of(entry.getKey(), peer == null ? "" : peer.name(), peer != null && peers.isPresent(peer));
                })
                .toList();
    }

    /** Alerts of nodes whose clocks are so far ahead that their changes wait. */
    static List<String> aheadOf(List<ClusterStatus.Origin> nodes, Duration most) {
        return nodes.stream()
                .filter(node -> node.waiting().equals("clock"))
                .map(node -> "changes of node '" + node.name() + "' (" + Long.toHexString(node.nodeId())
                        + ") wait, for its clock is more than " + most.toMillis()
                        + " ms ahead of this node's; set the clocks of both machines (NTP)")
                .toList();
    }
}
