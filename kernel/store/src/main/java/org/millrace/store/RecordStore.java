package org.millrace.store;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Journal;
import org.millrace.query.TableAccess;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.KvUsage;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;

/**
 * The present state of every record of this node, and the place where writes are decided. See the package's
 * description for how a write travels.
 *
 * <p>Safe for use by any thread. Nothing here blocks but {@link #open}, {@link #close} and, for as long as a page comes
 * from disk, reads. The store uses the journal as its one writer and does not close it.
 */
public final class RecordStore implements AutoCloseable {
    /** Tables of longer names, in UTF-8, cannot have indexes. */
    public static final int LONGEST_INDEXED_TABLE = IndexKey.LONGEST_TABLE;

    private final @Nullable DirectoryLock lock;
    private final Kv kv;
    private final ContentFormats formats;
    private final Overlay overlay;
    private final SubmitQueue queue;
    private final Backpressure backpressure;
    private final RecordReader reader;
    private final IndexCatalog catalog;
    private final IndexWorker indexes;
    private final IndexReader indexReader;
    private final Applier applier;
    private final Writer writer;
    private final Batch batch;
    private final Tombstones tombstones;
    private boolean closed;

    /**
     * Opens the store of a data directory: locks the directory, opens or creates the records in it, and applies what
     * the journal has beyond them. Blocks; a long replay logs its progress.
     *
     * @param options where and how
     * @param journal this node's journal, which nobody else writes to
     * @param formats makes and merges contents
     * @param clock tells when records expire
     * @return the store, taking writes
     * @throws StoreOpenException if the directory is in use or cannot be used, or journal and records do not fit
     */
    public static RecordStore open(StoreOptions options, Journal journal, ContentFormats formats, Clock clock) {
        DirectoryLock lock = DirectoryLock.acquire(options.directory());
        try {
            return open(lock, lock, options, journal, formats, clock, LmdbKv::open);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    /**
     * As {@link #open(StoreOptions, Journal, ContentFormats, Clock)}, for a caller who has locked the directory before
     * it opened the journal.
     *
     * @param lock stays the caller's, to be closed after the store and the journal
     * @param options where and how
     * @param journal this node's journal, which nobody else writes to
     * @param formats makes and merges contents
     * @param clock tells when records expire
     * @return the store, taking writes
     * @throws StoreOpenException if journal and records do not fit, or the records cannot be opened
     */
    public static RecordStore open(
            DirectoryLock lock, StoreOptions options, Journal journal, ContentFormats formats, Clock clock) {
        return open(lock, null, options, journal, formats, clock, LmdbKv::open);
    }

    /** Opens with a lock that is given free when the store is closed, unless that is null. */
    static RecordStore open(
            DirectoryLock lock,
            @Nullable DirectoryLock owned,
            StoreOptions options,
            Journal journal,
            ContentFormats formats,
            Clock clock,
            OpenRecords.KvOpener opener) {
        OpenRecords records = OpenRecords.open(lock.directory(), options, journal, formats, clock, opener);
        try {
            return new RecordStore(owned, records, options, journal, formats, clock);
        } catch (RuntimeException | Error e) {
            records.kv().close();
            throw e;
        }
    }

    private RecordStore(
            @Nullable DirectoryLock lock,
            OpenRecords records,
            StoreOptions options,
            Journal journal,
            ContentFormats formats,
            Clock clock) {
        RecordTree tree = records.tree();
        this.lock = lock;
        this.kv = records.kv();
        this.formats = formats;
        this.overlay = records.overlay();
        this.catalog = records.catalog();
        this.indexes = records.indexes();
        this.indexReader = new IndexReader(overlay, tree, clock);
        this.queue = new SubmitQueue(options.queueRequests(), options.queueBytes());
        this.backpressure = new Backpressure(queue, overlay);
        this.reader = new RecordReader(overlay, tree, clock);
        ExpirySweep sweep =
                new ExpirySweep(tree, clock, options.expiryInterval().toNanos());
        this.applier = new Applier(options, overlay, tree, journal, backpressure, sweep, indexes, records.appliedSeq());
        this.tombstones = tree.tombstones();
        this.batch = new Batch(overlay, tree, formats, journal, clock);
        this.writer = new Writer(options, journal, overlay, applier, queue, backpressure, batch);
        sweep.connect(writer::submit, applier::wake);
        journal.retainUnapplied(applier::appliedSeq);
        writer.start();
        applier.start(writer);
    }

    /**
     * Reads a record: its newest state that was acknowledged, or is about to be. Blocks for a page fault at most.
     *
     * @param path the record
     * @return null if there is no such record, or its time has run out
     * @throws ResourceException UNAVAILABLE if the store is closed or the disk cannot be read
     */
    public @Nullable StoredEntry get(Path path) {
        try {
            return reader.get(path);
        } catch (KvException e) {
            throw translated(e);
        }
    }

    /**
     * Reads a slice of a range. Records come in the order of their paths; only paths that share their first 480 bytes
     * are, if longer than that, in some fixed order among themselves. Each record is as it was at some moment during
     * the call; one that was written before the call and not since is not missed. Blocks for page faults; give long
     * walks to a thread that may.
     *
     * @param range which records
     * @param after the last record of the slice before; null to begin
     * @param maxEntries how many records at most
     * @param maxBytes how many bytes of contents and paths at most, but for a single larger record
     * @return the next records; empty at the end of the range
     * @throws ResourceException UNAVAILABLE if the store is closed or the disk cannot be read
     */
    public List<StoredEntry> scan(ScanRange range, @Nullable Path after, int maxEntries, int maxBytes) {
        try {
            return reader.scan(range, after, maxEntries, maxBytes);
        } catch (KvException e) {
            throw translated(e);
        }
    }

    /**
     * Sets what records must fulfil that patches make; nobody else knows them before they are written.
     *
     * @param rule called on the writer thread, so it must not block
     */
    public void requireOfMerged(RecordRule rule) {
        batch.mergedRule(rule);
    }

    /**
     * The ways to read a table, by its indexes where it has some.
     *
     * @param name the table's name
     * @return its records; reading blocks for page faults and throws what {@link #scan} throws
     */
    public TableAccess table(String name) {
        return new IndexedTable(name, this, indexReader, catalog);
    }

    /**
     * Says which indexes a table has from now on. They are built and dropped in the background, and queries use those
     * that are complete. Never blocks.
     *
     * @param table the table's name
     * @param attributes which attributes have an index
     * @throws ResourceException {@link ErrorCode#INVALID} if the table's name is too long for indexes
     */
    public void declareIndexes(String table, Set<AttributePath> attributes) {
        if (!attributes.isEmpty()
                && table.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > IndexKey.LONGEST_TABLE) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "table '" + table + "' cannot have indexes: its name has more than " + IndexKey.LONGEST_TABLE
                            + " bytes");
        }
        indexes.declare(table, attributes);
        applier.wake();
    }

    /**
     * The indexes that are ready or being built.
     *
     * @return how far each is
     */
    public List<IndexStatus> indexes() {
        return catalog.all().stream().map(Index::status).toList();
    }

    /**
     * Compares the indexes with the records on disk, beside whatever else the store does. Blocks for long.
     *
     * @param progress told from time to time how many records and entries have been looked at
     * @return a report of each index
     */
    public List<IndexVerifier.Report> verifyIndexes(LongConsumer progress) {
        try {
            return new IndexVerifier(kv, formats).verify(progress);
        } catch (KvException e) {
            throw translated(e);
        }
    }

    /**
     * The order in which {@link #scan} gives paths.
     *
     * @param a a path
     * @param b another
     * @return negative if {@code a} comes first
     */
    public static int compare(Path a, Path b) {
        return RecordKey.compare(a, b);
    }

    /**
     * Sets what is called each time the outcomes of a batch have been told, so that whoever collects
     * {@link WriteRequest.Outcome#committed acknowledgements} can pass them on together.
     *
     * @param task called on the writer thread; must only hand over
     */
    public void onAcknowledged(Runnable task) {
        writer.onAcknowledged(task);
    }

    /**
     * Hands a request to the writer. Never blocks. If the store no longer takes writes, as it is closed or the disk has
     * failed, the outcome is told of the refusal before this returns.
     *
     * @param request what to do, and whom to tell
     * @return false if the queue is full; the outcome will then not be called
     */
    public boolean submit(WriteRequest request) {
        return writer.submit(request);
    }

    /**
     * Hands changes of other nodes to the writer, under the same terms as {@link #submit(WriteRequest)}. The store must
     * have been opened {@link StoreOptions#withTombstones with a memory of removals}.
     *
     * @param request what to take over, and whom to tell
     * @return false if the queue is full; the outcome will then not be called
     */
    public boolean submit(ForeignRequest request) {
        return writer.submit(request);
    }

    /**
     * Reads what is remembered of removals up to {@link StoreStatus#appliedSeq()} at least. Blocks for page faults.
     *
     * @param after the last removal of the slice before; null to begin
     * @param most how many at most
     * @return the next removals, in the order of {@link #compare}; empty at the end
     * @throws ResourceException UNAVAILABLE if the store is closed or the disk cannot be read
     */
    public List<Removal> removals(@Nullable Path after, int most) {
        try {
            return tombstones.after(after == null ? new byte[0] : RecordKey.of(after), most);
        } catch (KvException e) {
            throw translated(e);
        }
    }

    /**
     * Sets how the store decides between what it has and a change of another node.
     *
     * @param rule from the next batch on; {@link FieldMerge} until then
     */
    public void decideConflicts(ConflictRule rule) {
        batch.conflictRule(rule);
    }

    /**
     * Whether callers should hold back: the queue or the overlay is nearly full.
     *
     * @return true until there is ample room again
     */
    public boolean isSaturated() {
        return backpressure.isSaturated();
    }

    /**
     * Runs a task once when the store is not saturated; now, if it is not. The task runs on a thread of the store or on
     * the caller's, and must only hand over. Each caller should have one task waiting at most.
     *
     * @param task typically resumes reading from a connection
     */
    public void whenReady(Runnable task) {
        backpressure.whenReady(task);
    }

    /**
     * How the store is doing.
     *
     * @return figures for health and metrics
     * @throws ResourceException UNAVAILABLE if the store is closed
     */
    public StoreStatus status() {
        try {
            KvUsage usage = kv.usage();
            return new StoreStatus(
                    queue.size(),
                    queue.bytes(),
                    overlay.entries(),
                    overlay.bytes(),
                    applier.appliedSeq(),
                    usage.usedBytes(),
                    usage.mapBytes(),
                    Optional.ofNullable(writer.refusal()));
        } catch (KvException e) {
            throw translated(e);
        }
    }

    /**
     * How many records the map on disk holds, the system's own included. Changes that are not applied yet do not count.
     *
     * @return at least 0
     * @throws ResourceException UNAVAILABLE if the store is closed
     */
    public long recordsOnDisk() {
        try {
            return kv.entries(Tree.RECORDS);
        } catch (KvException e) {
            throw translated(e);
        }
    }

    /**
     * Copies the records as they are on disk at one moment, without free space, and syncs the copy. The copy has all
     * changes up to {@link StoreStatus#appliedSeq()} as it was before the call, at least; what came later must be taken
     * from the journal. Blocks; reads and writes go on.
     *
     * @param target an empty directory, made if missing
     * @throws ResourceException UNAVAILABLE if the store is closed or a disk fails, QUOTA_EXCEEDED if there is no space
     */
    public void copyTo(java.nio.file.Path target) {
        try {
            kv.copyTo(target);
        } catch (KvException e) {
            if (e.kind() == KvException.Kind.CLOSED) {
                throw translated(e);
            }
            throw new ResourceException(
                    e.kind() == KvException.Kind.DISK_FULL ? ErrorCode.QUOTA_EXCEEDED : ErrorCode.UNAVAILABLE,
                    String.valueOf(e.getMessage()),
                    e);
        }
    }

    static ResourceException translated(KvException e) {
        return e.kind() == KvException.Kind.CLOSED
                ? new ResourceException(ErrorCode.UNAVAILABLE, "the host is stopping")
                : new ResourceException(ErrorCode.UNAVAILABLE, "records cannot be read from disk", e);
    }

    /**
     * Refuses new writes, finishes those in the queue, moves everything to disk, so that the next start has nothing to
     * replay, and gives the directory free if it has locked it. Blocks. A second call does nothing.
     */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            writer.close();
            applier.close();
            kv.close();
            unlock();
        }
    }

    private void unlock() {
        if (lock != null) {
            lock.close();
        }
    }

    /** Stops as a crash would: what is queued or only in memory is lost. For tests. */
    synchronized void abandon() {
        if (!closed) {
            closed = true;
            writer.abandon();
            applier.abandon();
            kv.close();
            unlock();
        }
    }

    /** Moves what was acknowledged so far to disk and waits. For tests. */
    void flush() {
        applier.flush();
    }

    /** For tests. */
    Overlay overlay() {
        return overlay;
    }
}
