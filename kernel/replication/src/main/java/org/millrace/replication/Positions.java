package org.millrace.replication;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.content.ContentFormats;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;
import org.millrace.store.RecordStore;

/**
 * What a node has to remember of the cluster, as private records: which cluster it belongs to, how far its own changes
 * are in the stream, and how far it has come with each origin. Safe for use by any thread; reading may block for a page.
 */
final class Positions {
    private static final String FOLDER = "$internal/cluster/";
    private static final String ORIGINS = FOLDER + "origin/";
    private static final String EARLIER = FOLDER + "earlier/";
    private static final Path STREAMS = Path.of(FOLDER + "streams");
    private static final Path MEMBERSHIP = Path.of(FOLDER + "membership");
    private static final String PUBLISHED = FOLDER + "published";
    private static final String LANES = FOLDER + "lane/";
    private static final Path CURSORS = Path.of(FOLDER + "cursors");
    private static final Path HOLDS = Path.of(FOLDER + "holds");

    private final KeptTexts texts;

    /**
     * How far this node has come with what others decided.
     *
     * @param applied the last change of each node
     * @param resumeAfter up to where the stream has been dealt with; 0 if that was another stream
     */
    record Applied(Map<Long, Long> applied, long resumeAfter) {}

    /**
     * How far this node's own changes are in the stream.
     *
     * @param place up to where
     * @param stream which stream that was
     */
    record Published(Outbox.Place place, String stream) {}

    Positions(RecordStore store, ContentFormats formats) {
        this.texts = new KeptTexts(store, formats);
    }

    /** The cluster this node belongs to; empty if it has never been in one. */
    String membership() {
        return texts.read(MEMBERSHIP);
    }

    Write membership(String cluster) {
        return texts.write(MEMBERSHIP, cluster);
    }

    /** What is known of other nodes' places. */
    ForeignPlaces.Kept places() {
        return new ForeignPlaces.Kept(texts.read(CURSORS), texts.read(HOLDS));
    }

    List<Write> places(ForeignPlaces.Kept kept) {
        return List.of(texts.write(CURSORS, kept.cursors()), texts.write(HOLDS, kept.holds()));
    }

    private static String folder(int lane) {
        return LANES + lane + "/";
    }

    private static Path publishedPath(int lane) {
        return Path.of(lane == 0 ? PUBLISHED : folder(lane) + "published");
    }

    private static String origins(int lane) {
        return lane == 0 ? ORIGINS : folder(lane) + "origin/";
    }

    /** How far the own changes of a lane are; an empty stream's name if none were ever sent. */
    Published published(int lane) {
        String[] parts = texts.read(publishedPath(lane)).split(" ", 3);
        return parts.length < 3
                ? new Published(new Outbox.Place(0, 0), "")
                : new Published(new Outbox.Place(Long.parseLong(parts[0]), Long.parseLong(parts[1])), parts[2]);
    }

    Write published(int lane, Outbox.Place place, String stream) {
        return texts.write(publishedPath(lane), place.last() + " " + place.read() + " " + stream);
    }

    /** How far this node has come with a lane of all nodes, in a certain stream. */
    Applied applied(int lane, String stream) {
        Map<Long, Long> applied = new HashMap<>();
        long resumeAfter = 0;
        for (Map.Entry<Long, String> entry : texts.ofNodes(origins(lane)).entrySet()) {
            String[] parts = entry.getValue().split(" ", 3);
            applied.put(entry.getKey(), Long.parseLong(parts[0]));
            if (parts[2].equals(stream)) {
                resumeAfter = Math.max(resumeAfter, Long.parseLong(parts[1]));
            }
        }
        return new Applied(applied, resumeAfter);
    }

    Write applied(Origin origin, long last, long resumeAfter, String stream) {
        return texts.write(
                Path.of(origins(origin.lane()) + Long.toHexString(origin.node())),
                last + " " + resumeAfter + " " + stream);
    }

    /** Among how many streams the tables were divided when this node was connected last. */
    int streams() {
        String text = texts.read(STREAMS);
        return text.isEmpty() ? 1 : Integer.parseInt(text);
    }

    /** Remembers the number of streams of a node that begins. */
    List<Write> begun(int streams) {
        return streams == 1 ? List.of() : List.of(texts.write(STREAMS, Integer.toString(streams)));
    }

    /** What was applied of other nodes while there was another number of streams. */
    EarlierStreams earlier() {
        return EarlierStreams.parse(texts.ofNodes(EARLIER));
    }

    /**
     * Goes over to another number of streams. Of each other node everything counts as missing that lies behind the first
     * place at which a stream of before may have lacked something; what was applied of it is remembered. All that this
     * node's journal has kept is sent again.
     */
    List<Write> divideAnew(int streams) {
        int before = streams();
        Map<Long, List<Long>> applied = new HashMap<>();
        for (int lane = 0; lane < before; lane++) {
            int at = lane;
            applied(lane, "")
                    .applied()
                    .forEach((node, last) -> applied.computeIfAbsent(
                                    node, n -> new ArrayList<>(Collections.nCopies(before, 0L)))
                            .set(at, last));
        }
        List<Write> writes = new ArrayList<>();
        earlier()
                .and(applied)
                .texts()
                .forEach((node, text) -> writes.add(texts.write(Path.of(EARLIER + Long.toHexString(node)), text)));
        for (int lane = 0; lane < streams; lane++) {
            int at = lane;
            // Also over what an even earlier number of streams may have left.
            Map<Long, Long> from = new HashMap<>();
            applied(lane, "").applied().forEach((node, last) -> from.put(node, 0L));
            applied.forEach((node, places) -> from.put(node, Collections.min(places)));
            from.forEach((node, last) -> writes.add(applied(new Origin(node, at), last, 0, "")));
            writes.add(published(lane, new Outbox.Place(0, 0), ""));
        }
        writes.add(texts.write(STREAMS, Integer.toString(streams)));
        return writes;
    }
}
