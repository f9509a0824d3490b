package org.millrace.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;
import org.millrace.store.ConflictRule;
import org.millrace.store.FieldMerge;
import org.millrace.store.RecordState;

/** One node: what is on its disk, and what a crash takes away. */
final class SimulatedNode {
    static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(1 << 20, 64));
    private static final FieldMerge FIELDS = new FieldMerge(FORMATS);
    private static final int WINDOW = 4;
    private static final int HELD = 3;
    private static final long MAX_AHEAD = 60_000;

    final long id;
    boolean partitioned;
    long skewMillis;

    private final Random random;
    private final List<SimulatedStream> streams;
    private final ConflictRule rule;

    // On disk; everything of one group is written at once.
    private final List<Change> journal = new ArrayList<>();
    private final Map<String, RecordState> states = new TreeMap<>();
    private final List<Track> tracks = new ArrayList<>();
    private long clock;

    SimulatedNode(long id, Random random, List<SimulatedStream> streams, ConflictRule rule) {
        this.id = id;
        this.random = random;
        this.streams = streams;
        this.rule = rule;
        streams.forEach(stream -> tracks.add(new Track(tracks.size(), stream)));
    }

    void crash() {
        tracks.forEach(Track::start);
    }

    /** Writes as a client asks; the content is the record or event, or the patch. */
    Change write(long nowMillis, ChangeKind kind, String path, @Nullable Content content) {
        clock = Math.max(clock + 1, (nowMillis + skewMillis) << 16);
        Version version = new Version(clock, id);
        Change.Builder builder = Change.of(kind, Path.of(path), version, new Cursor(id, journal.size() + 1));
        if (content != null && kind == ChangeKind.PATCH) {
            RecordState known = states.get(path);
            Content base = known == null ? null : known.content();
            RecordState patched = FIELDS.patched(known, base != null, content, FORMATS.merge(base, content), version);
            builder.patch(content)
                    .content(Objects.requireNonNull(patched.content()))
                    .properties(patched.stored());
        } else if (content != null) {
            builder.content(content);
        }
        Change change = builder.build();
        journal.add(change);
        if (kind.altersRecord()) {
            states.put(path, RecordState.of(change));
        }
        return change;
    }

    /** Reads a stretch of the journal and sends what is its own. */
    void send() {
        if (!partitioned) {
            tracks.forEach(Track::send);
        }
    }

    boolean isAllSent() {
        return tracks.stream().allMatch(Track::isAllSent);
    }

    /** Reads a bit of the streams; returns whether there was anything. */
    boolean receive(long nowMillis) {
        boolean any = false;
        for (Track track : partitioned ? List.<Track>of() : tracks) {
            any |= track.receive(nowMillis);
        }
        return any;
    }

    /** What the node does with one stream. */
    private final class Track {
        private final int lane;
        private final SimulatedStream stream;

        // On disk.
        private final Map<Long, Long> positions = new HashMap<>();
        private long resumeAfter;
        private Outbox.Place published = new Outbox.Place(0, 0);

        // In memory.
        private Inbox inbox;
        private Outbox outbox;
        private long reading;

        private Track(int lane, SimulatedStream stream) {
            this.lane = lane;
            this.stream = stream;
            start();
        }

        private void start() {
            inbox = new Inbox(id, positions, resumeAfter, MAX_AHEAD, HELD, 1_000);
            outbox = new Outbox(published, WINDOW);
            reading = resumeAfter;
        }

        private void send() {
            while (outbox.hasRoom() && outbox.next().read() < journal.size()) {
                Outbox.Place from = outbox.next();
                int most = 1 + random.nextInt(5);
                List<Change> own = new ArrayList<>();
                long read = from.read();
                while (read < journal.size() && own.size() < most) {
                    Change change = journal.get((int) read++);
                    if (change.version().node() == id && Lane.of(change.path(), streams.size()) == lane) {
                        own.add(change);
                    }
                }
                if (own.isEmpty()) {
                    outbox.skipped(read);
                    continue;
                }
                ClusterMessage message = new ClusterMessage(id, from.last(), own);
                Outbox sender = outbox;
                Outbox.Sent sent = sender.sent(new Outbox.Place(message.last(), read));
                stream.publish(message, stored -> {
                    if (stored) {
                        sender.stored(sent);
                    } else {
                        sender.failed(sent);
                    }
                    if (sender == outbox && random.nextInt(3) == 0) {
                        published = outbox.acknowledged();
                    }
                });
            }
            if (random.nextBoolean()) {
                published = outbox.acknowledged();
            }
        }

        private boolean isAllSent() {
            return outbox.underWay() == 0 && outbox.next().read() == journal.size();
        }

        private boolean receive(long nowMillis) {
            long now = nowMillis + skewMillis;
            boolean any = apply(inbox.tick(now));
            for (int i = 0; i < 3; i++) {
                long place = reading + 1;
                if (stream.isBad() && random.nextInt(3) == 0) {
                    // Twice, or before its turn; the latter comes again when the reader is set up anew.
                    place = Math.max(1, place + random.nextInt(4) - 2);
                }
                Received received = stream.read(place);
                if (received == null) {
                    break;
                }
                reading = place == reading + 1 ? place : reading;
                any |= place == reading;
                any |= apply(inbox.offer(received, now));
                long rewind = inbox.rewind();
                if (rewind != 0) {
                    reading = rewind - 1;
                    any = true;
                }
            }
            return any;
        }

        private boolean apply(List<ClusterMessage> messages) {
            for (ClusterMessage message : messages) {
                for (Change change : message.changes()) {
                    clock = Math.max(clock, change.version().clock());
                    if (!change.kind().altersRecord()) {
                        journal.add(change);
                    } else {
                        takeOver(change);
                    }
                }
                positions.put(message.origin(), message.last());
            }
            if (!messages.isEmpty()) {
                resumeAfter = Math.max(resumeAfter, Math.min(inbox.resumeAfter(), reading));
            }
            return !messages.isEmpty();
        }
    }

    private void takeOver(Change change) {
        String path = change.path().toString();
        RecordState present = states.get(path);
        RecordState state = rule.resolve(RecordState.of(change), present);
        if (state != present) {
            states.put(path, state);
            // What matters of it is whose it is, and that it has a place.
            journal.add(Change.of(ChangeKind.DELETE, change.path(), state.version(), change.cursor())
                    .build());
        }
    }

    Map<String, RecordState> states() {
        return states;
    }

    List<Version> events() {
        return journal.stream()
                .filter(change -> change.kind() == ChangeKind.EVENT)
                .map(Change::version)
                .toList();
    }
}
