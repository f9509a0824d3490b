package org.millrace.replication;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.millrace.spi.resource.Path;

/**
 * One of the cluster's streams, and which changes it carries: those of the tables whose names fall to it. All changes of a
 * record go the same way, so they stay in order; so does the definition of a table. Immutable.
 *
 * @param options of the cluster
 * @param number of the stream, from 0
 */
record Lane(ClusterOptions options, int number) {
    /** All of them, in order. */
    static List<Lane> all(ClusterOptions options) {
        return IntStream.range(0, options.streams())
                .mapToObj(number -> new Lane(options, number))
                .toList();
    }

    /**
     * To which of a number of streams a path falls: CRC32C of the table's name in UTF-8, modulo the number.
     *
     * @param streams how many there are
     */
    static int of(Path path, int streams) {
        if (streams == 1) {
            return 0;
        }
        String table = path.table();
        if (path.isSystem() && path.toString().startsWith(Own.DEFINITIONS)) {
            table = path.toString().substring(Own.DEFINITIONS.length());
        }
        CRC32C hash = new CRC32C();
        hash.update(table.getBytes(StandardCharsets.UTF_8));
        return (int) (hash.getValue() % streams);
    }

    /** Whether changes of a path go this way. */
    boolean carries(Path path) {
        return of(path, options.streams()) == number;
    }

    /** The stream's name. No cluster's name has a '=', so no other cluster has this one. */
    String stream() {
        return options.stream() + (number == 0 ? "" : "=" + number);
    }

    /** Where a node's changes go. */
    String changes(long node) {
        return subject("changes") + Long.toHexString(node);
    }

    /** What the stream takes. */
    String allChanges() {
        return subject("changes") + "*";
    }

    /** Where a node is asked to send again. */
    String resend(long node) {
        return subject("resend") + Long.toHexString(node);
    }

    private String subject(String kind) {
        return options.prefix() + kind + "." + (number == 0 ? "" : number + ".");
    }
}
