package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the cluster's streams, or makes those that are not there. A stream says in its description which cluster it
 * belongs to and which of how many it is, so that neither another cluster's nor one of another number of streams is taken
 * for this node's. Blocks; used by one thread.
 */
final class StreamFinder {
    private static final Logger log = LoggerFactory.getLogger(StreamFinder.class);
    private static final Duration DUPLICATES = Duration.ofMinutes(2);
    private static final int NO_STREAM = 10_059;
    private static final int NAME_IN_USE = 10_058;
    private static final String ONLY = "millrace cluster ";
    /** Another beginning than that of an only stream: a release that knows only those leaves it alone. */
    private static final Pattern DESCRIPTION =
            Pattern.compile("millrace (?:stream (\\d{1,3}) of (\\d{1,3}) of )?cluster (.*)");

    private final ClusterOptions options;
    private final List<Lane> lanes;

    /**
     * The cluster's streams.
     *
     * @param cluster the cluster's id, made with its first stream
     * @param epochs tell each stream from an earlier one of the same name
     */
    record Found(String cluster, List<String> epochs) {
        Found {
            epochs = List.copyOf(epochs);
        }
    }

    /** What a stream's description says. */
    private record Description(int number, int streams, String cluster) {}

    StreamFinder(ClusterOptions options) {
        this.options = options;
        this.lanes = Lane.all(options);
    }

    /**
     * Finds the streams, or makes them.
     *
     * @param known the id of the cluster this node belongs to; empty if it has never been in one
     * @param before how many streams it had then
     * @throws ReplicationException if there is no JetStream, or a stream is not this cluster's, or its number another
     */
    Found find(Connection connection, String known, int before)
            throws ReplicationException, IOException, JetStreamApiException {
        JetStreamManagement management = connection.jetStreamManagement();
        String cluster = known;
        List<@Nullable StreamInfo> present = new ArrayList<>();
        for (Lane lane : lanes) {
            StreamInfo info = info(management, lane);
            present.add(info);
            if (info != null) {
                cluster = check(lane, info, cluster);
            }
        }
        if (present.contains(null)) {
            requireNoneBeyond(management);
        }
        boolean isNew = cluster.isEmpty();
        boolean isGone = !isNew && before == lanes.size();
        if (isNew) {
            cluster = Long.toHexString(new SecureRandom().nextLong());
        }
        List<String> epochs = new ArrayList<>();
        for (Lane lane : lanes) {
            StreamInfo info = present.get(lane.number());
            if (info == null) {
                info = make(management, lane, cluster, isGone);
                // Another node may have been faster, with an id of its own.
                cluster = check(lane, info, isNew && lane.number() == 0 ? "" : cluster);
            }
            epochs.add(info.getCreateTime().toInstant().toString());
        }
        return new Found(cluster, epochs);
    }

    private @Nullable StreamInfo info(JetStreamManagement management, Lane lane) throws ReplicationException {
        try {
            return management.getStreamInfo(lane.stream());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_STREAM) {
                return null;
            }
            throw cannotBeHad(lane, e);
        } catch (IOException e) {
            throw ReplicationException.passing(
                    "JetStream does not answer: " + ClusterOptions.withoutSecrets(String.valueOf(e.getMessage()))
                            + ". Start nats-server with JetStream (-js); of several servers a majority must be up",
                    e);
        }
    }

    private ReplicationException cannotBeHad(Lane lane, JetStreamApiException e) {
        return ReplicationException.passing(
                "stream " + lane.stream() + " cannot be had: " + e.getMessage()
                        + ". Check that JetStream is on (-js), has space, and has cluster.replicas ("
                        + options.replicas() + ") servers",
                e);
    }

    /**
     * Whether a stream is this cluster's, and one of as many as this node counts on.
     *
     * @param known the cluster's id; empty if it is not known yet
     * @return the cluster's id
     */
    private String check(Lane lane, StreamInfo info, String known) throws ReplicationException {
        String text = String.valueOf(info.getConfiguration().getDescription());
        Matcher matcher = DESCRIPTION.matcher(text);
        if (!matcher.matches()) {
            throw ReplicationException.lasting("the stream " + lane.stream()
                    + " was not made by Millrace (its description is '" + text
                    + "'). Give this cluster another cluster.name, or remove that stream");
        }
        Description is = matcher.group(1) == null
                ? new Description(1, 1, matcher.group(3))
                : new Description(
                        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), matcher.group(3));
        if (!known.isEmpty() && !known.equals(is.cluster())) {
            throw ReplicationException.lasting("the stream " + lane.stream() + " belongs to cluster " + is.cluster()
                    + ", but this node belongs to cluster " + known
                    + ": cluster.nats or cluster.name names another cluster than before. Correct it; to make this node"
                    + " one of the other cluster, start it with an empty data directory");
        }
        if (is.streams() != lanes.size() || is.number() != lane.number() + 1) {
            throw otherNumber(lane.stream(), is.streams() + "");
        }
        return is.cluster();
    }

    /** Streams of a greater number than this node's tell that the cluster had more. */
    private void requireNoneBeyond(JetStreamManagement management) throws ReplicationException {
        Lane beyond = new Lane(options, lanes.size());
        if (info(management, beyond) != null) {
            throw otherNumber(beyond.stream(), "more");
        }
    }

    private ReplicationException otherNumber(String stream, String streams) {
        return ReplicationException.lasting("the stream " + stream + " is one of " + streams
                + " of its cluster, but cluster.streams of this node is " + lanes.size()
                + ": all nodes must have the same. Set cluster.streams as it is on the other nodes; to change the"
                + " number of the whole cluster, see docs/replication.md, Changing the number of streams");
    }

    private StreamInfo make(JetStreamManagement management, Lane lane, String cluster, boolean isGone)
            throws ReplicationException, IOException, JetStreamApiException {
        String description = lanes.size() == 1
                ? ONLY + cluster
                : "millrace stream " + (lane.number() + 1) + " of " + lanes.size() + " of cluster " + cluster;
        try {
            StreamInfo made = management.addStream(StreamConfiguration.builder()
                    .name(lane.stream())
                    .description(description)
                    .subjects(lane.allChanges())
                    .storageType(StorageType.File)
                    .replicas(options.replicas())
                    .discardPolicy(DiscardPolicy.Old)
                    .maxAge(options.keepAge())
                    .maxBytes(options.keepBytes())
                    .duplicateWindow(options.keepAge().compareTo(DUPLICATES) < 0 ? options.keepAge() : DUPLICATES)
                    .build());
            if (!isGone) {
                log.info("Made stream {} for cluster {}", lane.stream(), cluster);
            } else {
                log.warn(
                        "Stream {} was gone and is made anew. Every node sends again what its journal has kept; what"
                                + " is missing beyond that is reported in $sys/cluster. Do not delete a stream of a"
                                + " running cluster",
                        lane.stream());
            }
            return made;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NAME_IN_USE) {
                throw cannotBeHad(lane, e);
            }
            return management.getStreamInfo(lane.stream()); // another node was faster
        }
    }
}
