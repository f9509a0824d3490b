package org.millrace.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/** What the writer does, in one call each. */
final class Changes {
    private Changes() {}

    /** The change that comes next in a journal. */
    static Change next(Journal journal, byte[] body) {
        return next(journal, Path.of("table/id"), body);
    }

    /** The change of a record that comes next in a journal. */
    static Change next(Journal journal, Path path, byte[] body) {
        return Change.of(
                        ChangeKind.PUT,
                        path,
                        new Version(journal.clock().next(), journal.node()),
                        new Cursor(journal.node(), journal.lastSeq() + 1))
                .content(new PlainContent(MediaType.OCTET_STREAM, body))
                .build();
    }

    /** Appends changes of their own, each with its seq as text and then zeros up to a size. */
    static List<Change> append(Journal journal, int count, int bodyBytes) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] text = String.valueOf(journal.lastSeq() + 1).getBytes(StandardCharsets.UTF_8);
            byte[] body = new byte[Math.max(bodyBytes, text.length)];
            System.arraycopy(text, 0, body, 0, text.length);
            Change change = next(journal, body);
            journal.append(change, true);
            changes.add(change);
        }
        return changes;
    }

    /** Appends, writes, syncs and publishes. */
    static List<Change> commit(Journal journal, int count, int bodyBytes) {
        List<Change> changes = append(journal, count, bodyBytes);
        journal.write();
        journal.sync();
        journal.publish(changes);
        return changes;
    }

    /** Reads to the head. */
    static List<Change> readAll(ChangeReader reader) {
        List<Change> changes = new ArrayList<>();
        for (Change c = reader.next(); c != null; c = reader.next()) {
            changes.add(c);
        }
        return changes;
    }

    /** The seqs from a place to the head. */
    static List<Long> seqs(Journal journal, long afterSeq) {
        try (ChangeReader reader = journal.read(afterSeq)) {
            return readAll(reader).stream().map(c -> c.cursor().position()).toList();
        }
    }

    /** The text at the start of a body. */
    static String text(Change change) {
        return new String(change.content().orElseThrow().toByteArray(), StandardCharsets.UTF_8).replace("\0", "");
    }
}
