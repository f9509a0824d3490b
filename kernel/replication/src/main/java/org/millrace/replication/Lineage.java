package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.util.Optional;
import org.millrace.content.ContentFormats;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a stream and this node's journal tell one history of this node, and from where on the stream lacks it. Safe
 * for use by any thread; blocks for server and disk.
 */
final class Lineage {
    private static final Logger log = LoggerFactory.getLogger(Lineage.class);
    private static final int NO_MESSAGE = 10_037;

    private final Lane lane;
    private final Journal journal;
    private final Positions positions;

    Lineage(Lane lane, Journal journal, Positions positions) {
        this.lane = lane;
        this.journal = journal;
        this.positions = positions;
    }

    /** Where sending begins: behind what this very stream has, or with all that the journal has. */
    Outbox.Place from(String epoch) {
        Positions.Published published = positions.published(lane.number());
        long before = journal.firstSeq() - 1;
        if (published.stream().equals(epoch) && published.place().read() >= before) {
            return published.place();
        }
        if (published.stream().equals(epoch)) {
            log.error(
                    "Changes {} to {} of this node left the journal before they could be sent, for it had grown beyond"
                            + " journal.hard-cap. Other nodes report them as missing",
                    published.place().read() + 1,
                    before);
        }
        // Of another stream: whoever has it already leaves it out. If nothing of this node's own lies between what was
        // sent and what is kept, there is no gap.
        return published.place().read() >= before && !published.stream().isEmpty()
                ? new Outbox.Place(Math.min(before, published.place().last()), before)
                : new Outbox.Place(before, before);
    }

    /** Refuses a stream that knows more of this node than its journal, or something else. */
    void requireUnforked(Connection connection, ContentFormats formats)
            throws ReplicationException, IOException, JetStreamApiException {
        MessageInfo last;
        try {
            last = connection.jetStreamManagement().getLastMessage(lane.stream(), lane.changes(journal.node()));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE) {
                return;
            }
            throw e;
        }
        byte[] data = last.getData();
        if (data != null) {
            requireKnown(MessageCodec.decode(data, formats::trusted));
        }
    }

    private void requireKnown(ClusterMessage own) throws ReplicationException {
        Change last = own.changes().getLast();
        long seq = last.cursor().position();
        if (seq > journal.lastSeq()) {
            throw forked("the stream has change " + seq + " of this node, whose journal ends at " + journal.lastSeq());
        }
        if (seq < journal.firstSeq()) {
            return;
        }
        try (ChangeReader reader = journal.read(seq - 1)) {
            Change here = reader.next();
            if (here != null && !here.version().equals(last.version())) {
                throw forked("in the stream, change " + seq + " of this node has version " + last.version()
                        + ", the journal's has " + here.version());
            }
        } catch (ResourceException e) {
            log.debug("Change {} cannot be compared with the stream's: {}", seq, e.getMessage());
        }
    }

    private static ReplicationException forked(String what) {
        return ReplicationException.lasting("the cluster knows another history of this node: " + what
                + ". Its data directory was restored from an old backup, or copied and started twice. Other nodes"
                + " would pass over what it writes. Start it with an empty data directory, so that it becomes a new"
                + " node and takes everything from the others");
    }

    /** What is wrong with an own message that came from the stream; empty if nothing is. */
    Optional<ReplicationException> contradiction(ClusterMessage message) {
        return message.origin() == journal.node() && message.last() > journal.lastSeq()
                ? Optional.of(forked("change " + message.last()
                        + " of this node came from the stream, but the journal ends at " + journal.lastSeq()))
                : Optional.empty();
    }

    /**
     * What is wrong with what another node has of this one; empty if nothing is. It is the only witness of a restored
     * backup when the stream has no message of this node any more.
     */
    static Optional<ReplicationException> contradiction(Journal journal, Peers.Peer peer) {
        return peer.sight().seen().entrySet().stream()
                .filter(seen -> seen.getKey().node() == journal.node() && seen.getValue() > journal.lastSeq())
                .findFirst()
                .map(seen -> forked("node '" + peer.name() + "' has its change " + seen.getValue()
                        + ", but the journal ends at " + journal.lastSeq()));
    }
}
