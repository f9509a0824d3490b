package org.millrace.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.millrace.content.ContentFormats;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvSnapshot;
import org.millrace.store.kv.Tree;

/**
 * Compares indexes with the records they are of, both ways: every record must have its entry, and every entry must be
 * that of a record. It reads in slices, each of one moment, so it may run beside a store that is written to.
 *
 * <p>Used by one thread; blocks on the disk.
 */
public final class IndexVerifier {
    private static final int SLICE = 512;
    private static final byte[] NONE = {};
    private static final int SHOWN = 10;

    private final Kv kv;
    private final RecordCodec codec;

    /**
     * A verifier of a map.
     *
     * @param kv the map with records and indexes
     * @param formats reads contents
     */
    public IndexVerifier(Kv kv, ContentFormats formats) {
        this.kv = kv;
        this.codec = new RecordCodec(formats);
    }

    /**
     * What was found of one index.
     *
     * @param status which index; one that is being built is compared one way only
     * @param records how many records its table has on disk
     * @param entries how many entries it has
     * @param problemCount how many records or entries are wrong
     * @param problems the first few, for people
     */
    public record Report(IndexStatus status, long records, long entries, long problemCount, List<String> problems) {
        /** Copies the list. */
        public Report {
            problems = List.copyOf(problems);
        }

        /**
         * Whether index and records agree.
         *
         * @return true if nothing is wrong
         */
        public boolean isSound() {
            return problemCount == 0;
        }
    }

    /**
     * Compares all indexes.
     *
     * @param progress told from time to time how many records and entries have been looked at
     * @return a report of each index, by table and attribute
     * @throws org.millrace.store.kv.KvException if the map cannot be read
     */
    public List<Report> verify(LongConsumer progress) {
        Collection<List<Index>> tables = new IndexTree(kv)
                .load().stream()
                        .map(IndexTree.Note::index)
                        .filter(index -> index.state() != Index.State.DROPPING)
                        .collect(Collectors.groupingBy(Index::table))
                        .values();
        List<Report> reports = new ArrayList<>();
        Seen seen = new Seen(progress);
        for (List<Index> indexes : tables) {
            for (Index index : indexes) {
                reports.add(new Check(index, seen).run());
            }
        }
        reports.sort(Comparator.comparing((Report report) -> report.status().table())
                .thenComparing(report -> report.status().attribute().toString()));
        return reports;
    }

    /** Counts for the progress. */
    private static final class Seen {
        private final LongConsumer progress;
        private long count;

        Seen(LongConsumer progress) {
            this.progress = progress;
        }

        void add(int more) {
            count += more;
            progress.accept(count);
        }
    }

    /** The check of one index. */
    private final class Check {
        private final Index index;
        private final Seen seen;
        private final TableIndexes table;
        private final List<String> problems = new ArrayList<>();
        private long problemCount;
        private long records;
        private long entries;

        Check(Index index, Seen seen) {
            this.index = index;
            this.seen = seen;
            this.table = new TableIndexes(index.table(), List.of(index));
        }

        Report run() {
            for (KeyInterval interval :
                    ScanPlan.of(ScanRange.table(index.table())).intervals()) {
                walk(Tree.RECORDS, interval, (snapshot, key, cursor) -> checkRecord(snapshot, key, cursor));
            }
            walk(Tree.INDEXES, IndexKey.all(index.id()), (snapshot, key, cursor) -> checkEntry(snapshot, key, cursor));
            return new Report(index.status(), records, entries, problemCount, problems);
        }

        private void walk(Tree tree, KeyInterval interval, Visitor visitor) {
            byte[] position = NONE;
            do {
                byte[] from = position;
                position = kv.read(snapshot -> {
                    KvCursor cursor =
                            snapshot.cursor(tree, from.length == 0 ? interval.from() : from, from.length == 0);
                    byte[] last = NONE;
                    for (int i = 0; i < SLICE; i++) {
                        if (!cursor.next()) {
                            return NONE;
                        }
                        last = cursor.key();
                        if (interval.endsBefore(last)) {
                            return NONE;
                        }
                        visitor.visit(snapshot, last, cursor);
                    }
                    return last;
                });
                seen.add(SLICE);
            } while (position.length > 0);
        }

        private void checkRecord(KvSnapshot snapshot, byte[] key, KvCursor cursor) {
            records++;
            if (index.state() != Index.State.READY) {
                return;
            }
            byte[] entry = entryOf(key, cursor.value());
            if (snapshot.get(Tree.INDEXES, entry) == null) {
                problem("record '" + RecordKey.shown(key) + "' has no entry");
            }
        }

        private void checkEntry(KvSnapshot snapshot, byte[] key, KvCursor cursor) {
            entries++;
            byte[] record = IndexKey.recordKey(table.table(), IndexKey.suffixOf(key), cursor.value());
            var value = snapshot.get(Tree.RECORDS, record);
            if (value == null) {
                problem("an entry leads to record '" + RecordKey.shown(record) + "', which is not there");
            } else if (!Arrays.equals(entryOf(record, value), key)) {
                problem("record '" + RecordKey.shown(record) + "' has an entry of another value");
            }
        }

        private byte[] entryOf(byte[] key, java.nio.ByteBuffer value) {
            return table.keys(key, codec.decode(key, value).entry().content())[0];
        }

        private void problem(String what) {
            problemCount++;
            if (problems.size() < SHOWN) {
                problems.add("index " + index + ": " + what);
            }
        }
    }

    /** Looks at one entry of a tree. */
    private interface Visitor {
        void visit(KvSnapshot snapshot, byte[] key, KvCursor cursor);
    }
}
