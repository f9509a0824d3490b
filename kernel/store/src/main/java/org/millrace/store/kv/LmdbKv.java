package org.millrace.store.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.CopyFlags;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.EnvInfo;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException;
import org.lmdbjava.Txn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Kv} on LMDB. Commits are synced, data before meta page. The map starts as large as asked, which takes address
 * space only, and doubles when four fifths are used or a transaction does not fit.
 */
public final class LmdbKv implements Kv {
    private static final Logger LOG = LoggerFactory.getLogger(LmdbKv.class);
    /** The file in a map's directory that holds the data. */
    public static final String DATA_FILE = "data.mdb";

    private static final long MIN_MAP_BYTES = 1 << 20;
    private static final int READERS = 64;
    /** errno ENOSPC, EDQUOT and EIO as Linux counts them; ENOSPC and EIO are the same on macOS. */
    private static final int ENOSPC = 28;

    private static final int EIO = 5;

    private static final int EDQUOT = 122;
    /** Less free space than this is none: others may have given back a little since a write came back short. */
    private static final long LEAST_ROOM = 1 << 20;

    private final Path directory;
    private final Env<ByteBuffer> env;
    private final Map<Tree, Dbi<ByteBuffer>> trees = new EnumMap<>(Tree.class);
    private final long pageBytes;
    private final ReaderPool readers;
    private final Transaction transaction = new Transaction();
    /** Held shared while the map is copied, and exclusively while it is enlarged or closed, which LMDB cannot do then. */
    private final ReentrantReadWriteLock shape = new ReentrantReadWriteLock();

    private volatile boolean closed;

    /**
     * Opens or creates a map.
     *
     * @param directory where its files are; made if missing
     * @param mapBytes the address space to begin with
     * @return the map
     * @throws KvException if the files cannot be opened
     */
    public static LmdbKv open(Path directory, long mapBytes) {
        return open(directory, mapBytes, Set.of(EnvFlags.MDB_NOTLS));
    }

    /** Opens or creates a map with LMDB's flags of choice, for measurements. */
    static LmdbKv open(Path directory, long mapBytes, Set<EnvFlags> flags) {
        try {
            Path file = directory.resolve(DATA_FILE);
            Files.createDirectories(directory);
            if (Files.exists(file)) {
                LmdbHeader.check(file);
            } else {
                create(directory, mapBytes);
            }
            return new LmdbKv(directory, mapBytes, flags);
        } catch (IOException | LmdbException e) {
            throw new KvException(
                    KvException.Kind.FAILED, "cannot open the records in " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * Makes the file of an empty map, which has its name only when all of it is on disk: LMDB cannot open a file whose
     * first pages were written in part when the power was cut.
     */
    private static void create(Path directory, long mapBytes) throws IOException {
        Path begun = directory.resolve(DATA_FILE + ".new");
        Path lock = directory.resolve(DATA_FILE + ".new-lock");
        Files.deleteIfExists(begun);
        Files.deleteIfExists(lock);
        try (Env<ByteBuffer> env =
                Env.create().setMapSize(mapBytes).open(begun.toFile(), EnvFlags.MDB_NOSUBDIR, EnvFlags.MDB_NOTLS)) {
            env.sync(true);
        }
        Files.move(begun, directory.resolve(DATA_FILE), StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(lock);
        // LMDB syncs its file and not the file's name.
        syncDirectory(directory);
        syncDirectory(directory.toAbsolutePath().getParent());
    }

    /**
     * Opens a map that nobody writes to, for reading alone. Nothing on disk is altered, and no lock file is made.
     *
     * @param directory where its files are
     * @return the map; trees it does not have are empty
     * @throws KvException if there is none, or its file is shorter than the map says
     */
    public static LmdbKv openReadOnly(Path directory) {
        Path file = directory.resolve(DATA_FILE);
        try {
            long bytes = Files.size(file);
            LmdbHeader.check(file);
            return new LmdbKv(
                    directory,
                    Math.max(bytes, MIN_MAP_BYTES),
                    Set.of(EnvFlags.MDB_NOTLS, EnvFlags.MDB_RDONLY_ENV, EnvFlags.MDB_NOLOCK));
        } catch (IOException | LmdbException e) {
            throw new KvException(
                    KvException.Kind.FAILED, "cannot open the records in " + directory + ": " + e.getMessage(), e);
        }
    }

    private LmdbKv(Path directory, long mapBytes, Set<EnvFlags> flags) {
        boolean readOnly = flags.contains(EnvFlags.MDB_RDONLY_ENV);
        this.directory = directory;
        this.env = Env.create()
                .setMapSize(mapBytes)
                .setMaxDbs(Tree.values().length)
                .setMaxReaders(2 * READERS)
                .open(directory.toFile(), flags.toArray(EnvFlags[]::new));
        try {
            for (Tree tree : Tree.values()) {
                if (!readOnly) {
                    trees.put(tree, env.openDbi(tree.id(), DbiFlags.MDB_CREATE));
                } else if (exists(tree)) {
                    trees.put(tree, env.openDbi(tree.id()));
                }
            }
        } catch (LmdbException e) {
            env.close();
            throw e;
        }
        this.pageBytes = env.stat().pageSize;
        this.readers = new ReaderPool(env, READERS);
    }

    private boolean exists(Tree tree) {
        byte[] name = tree.id().getBytes(StandardCharsets.US_ASCII);
        return env.getDbiNames().stream().anyMatch(present -> Arrays.equals(present, name));
    }

    private static void syncDirectory(@Nullable Path directory) throws IOException {
        if (directory != null
                && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public long entries(Tree tree) {
        if (!trees.containsKey(tree)) {
            return 0;
        }
        ReaderPool.Slot slot = readers.claim();
        try {
            return dbi(tree).stat(slot.txn()).entries;
        } finally {
            slot.release();
        }
    }

    @Override
    public List<OldReader> oldReaders(Duration age) {
        List<OldReader> old = new ArrayList<>(readers.old(System.nanoTime(), age.toNanos()));
        // Another process that looked at the file and was killed leaves its place in the lock file taken.
        int dead = env.readerCheck();
        if (dead > 0) {
            old.add(new OldReader("a process that is gone", 0, dead + " of its reads were cleared away"));
        }
        return old;
    }

    @Override
    public void copyTo(Path target) {
        shape.readLock().lock();
        try {
            if (closed) {
                throw new KvException(KvException.Kind.CLOSED, "the store is closed");
            }
            Files.createDirectories(target);
            env.copy(target.toFile(), CopyFlags.MDB_CP_COMPACT);
            try (FileChannel copy = FileChannel.open(target.resolve(DATA_FILE), StandardOpenOption.WRITE)) {
                copy.force(true);
            }
            syncDirectory(target);
        } catch (LmdbException e) {
            throw translated("copy", e);
        } catch (IOException e) {
            throw new KvException(
                    KvException.Kind.FAILED, "cannot copy the records in " + directory + " to " + target + ": " + e, e);
        } finally {
            shape.readLock().unlock();
        }
    }

    @Override
    public <A, R> @Nullable R get(Tree tree, byte[] key, A argument, ValueReader<? super A, ? extends R> reader) {
        ReaderPool.Slot slot = readers.claim();
        try {
            ByteBuffer value = dbi(tree).get(slot.txn(), slot.key(key));
            return value == null ? null : reader.read(argument, value);
        } catch (LmdbException e) {
            throw translated("read", e);
        } finally {
            slot.release();
        }
    }

    @Override
    public <R> R read(SnapshotWork<R> work) {
        ReaderPool.Slot slot = readers.claim();
        try (Snapshot snapshot = new Snapshot(slot)) {
            return work.run(snapshot);
        } catch (LmdbException e) {
            throw translated("read", e);
        } finally {
            slot.release();
        }
    }

    @Override
    public void write(WriteWork work) {
        if (closed) {
            throw new KvException(KvException.Kind.CLOSED, "the store is closed");
        }
        KvUsage usage = usage();
        if (usage.usedBytes() > usage.mapBytes() / 5 * 4 && shape.writeLock().tryLock()) {
            grow(usage);
        }
        while (!tryWrite(work)) {
            if (!shape.writeLock().tryLock()) {
                LOG.warn(
                        "the map of {} is full and cannot be enlarged while it is copied; writes wait for the copy."
                                + " Set store.map-size higher before the next backup",
                        directory);
                shape.writeLock().lock();
            }
            grow(usage());
        }
    }

    /** Returns false, with nothing written, if the map is too small. */
    private boolean tryWrite(WriteWork work) {
        readers.letGo();
        try (Txn<ByteBuffer> txn = env.txnWrite()) {
            transaction.txn = txn;
            work.run(transaction);
            txn.commit();
            return true;
        } catch (Env.MapFullException e) {
            LOG.debug("a transaction needs more than the map of {}", directory, e);
            return false;
        } catch (LmdbException e) {
            throw translated("write", e);
        } finally {
            transaction.txn = null;
            readers.committed(); // if it failed, reads are renewed for nothing
        }
    }

    /** Enlarges the map and gives the lock of its shape back. */
    private void grow(KvUsage usage) {
        try {
            enlarge(usage);
        } finally {
            shape.writeLock().unlock();
        }
    }

    private void enlarge(KvUsage usage) {
        long larger = usage.mapBytes() * 2;
        readers.pause();
        try {
            env.setMapSize(larger);
        } catch (LmdbException e) {
            throw translated("enlarge", e);
        } finally {
            readers.resume();
        }
        LOG.info(
                "{} of {} MiB of the map of {} were used; it was enlarged to {} MiB",
                usage.usedBytes() >> 20,
                usage.mapBytes() >> 20,
                directory,
                larger >> 20);
    }

    @Override
    public KvUsage usage() {
        // The pool guards against a close under way; LMDB itself would crash.
        ReaderPool.Slot slot = readers.claim();
        try {
            EnvInfo info = env.info();
            return new KvUsage((info.lastPageNumber + 1) * pageBytes, info.mapSize);
        } finally {
            slot.release();
        }
    }

    @Override
    public void close() {
        shape.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                readers.close();
                env.close();
            }
        } finally {
            shape.writeLock().unlock();
        }
    }

    private Dbi<ByteBuffer> dbi(Tree tree) {
        Dbi<ByteBuffer> dbi = trees.get(tree);
        if (dbi == null) {
            throw new IllegalStateException(tree + " is not open");
        }
        return dbi;
    }

    private KvException translated(String act, LmdbException e) {
        boolean full = e instanceof LmdbNativeException n
                && (n.getResultCode() == ENOSPC
                        || n.getResultCode() == EDQUOT
                        || n.getResultCode() == EIO && !hasRoom());
        return new KvException(
                full ? KvException.Kind.DISK_FULL : KvException.Kind.FAILED,
                "cannot " + act + " the records in " + directory + ": " + e.getMessage(),
                e);
    }

    /**
     * Whether the disk has space left. The write that fills it up takes what there is and comes back short, which LMDB
     * calls EIO. Its transaction is undone as any other and writes all its pages anew when it is tried again.
     */
    private boolean hasRoom() {
        try {
            return Files.getFileStore(directory).getUsableSpace() >= LEAST_ROOM;
        } catch (IOException e) {
            LOG.warn("cannot tell how much space the disk of {} has left: {}", directory, e.toString());
            return true;
        }
    }

    private final class Snapshot implements KvSnapshot, AutoCloseable {
        private final ReaderPool.Slot slot;
        private final List<LmdbCursor> cursors = new ArrayList<>(1);

        Snapshot(ReaderPool.Slot slot) {
            this.slot = slot;
        }

        @Override
        public @Nullable ByteBuffer get(Tree tree, byte[] key) {
            return dbi(tree).get(slot.txn(), slot.key(key));
        }

        @Override
        public KvCursor cursor(Tree tree, byte[] from, boolean inclusive) {
            LmdbCursor cursor = new LmdbCursor(dbi(tree).openCursor(slot.txn()), slot);
            cursors.add(cursor);
            cursor.start(from, inclusive);
            return cursor;
        }

        @Override
        public void close() {
            cursors.forEach(LmdbCursor::close);
        }
    }

    /** The one write transaction; its buffers are those of the writing thread. */
    private final class Transaction implements KvTransaction {
        private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(MAX_KEY);
        private @Nullable Txn<ByteBuffer> txn;

        @Override
        public @Nullable ByteBuffer get(Tree tree, byte[] key) {
            return dbi(tree).get(open(), key(key));
        }

        @Override
        public ByteBuffer put(Tree tree, byte[] key, int size) {
            return dbi(tree).reserve(open(), key(key), size);
        }

        @Override
        public boolean delete(Tree tree, byte[] key) {
            return dbi(tree).delete(open(), key(key));
        }

        @Override
        public long entries(Tree tree) {
            return dbi(tree).stat(open()).entries;
        }

        private ByteBuffer key(byte[] bytes) {
            return keyBuffer.clear().put(bytes).flip();
        }

        private Txn<ByteBuffer> open() {
            Txn<ByteBuffer> present = txn;
            if (present == null) {
                throw new IllegalStateException("no transaction is open");
            }
            return present;
        }
    }
}
