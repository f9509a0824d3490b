package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory that remember every act, so that {@link DiskImages} can tell what a power cut at any moment may leave
 * of them; and that fill up and fail on demand. Safe for use by any thread.
 */
public final class RecordingFiles implements JournalFiles {
    private final Map<Path, Inode> names = new LinkedHashMap<>();
    private final List<Act> acts = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private long diskBytes = Long.MAX_VALUE;
    private boolean honest = true;
    private int inodes;

    /** What was done to the disk. */
    sealed interface Act {
        record Create(Path path, int inode) implements Act {}

        record Write(int inode, long position, byte[] bytes) implements Act {}

        record Sync(int inode) implements Act {}

        record Rename(Path from, Path to) implements Act {}

        record Delete(Path path) implements Act {}

        record SyncDirectory(Path directory) implements Act {}
    }

    /** A file's content as a running process sees it. */
    static final class Inode {
        final int number;
        byte[] bytes = {};

        Inode(int number) {
            this.number = number;
        }
    }

    /** What can be made to fail. */
    public enum Call {
        CREATE,
        OPEN,
        READ,
        WRITE,
        SYNC,
        RENAME,
        DELETE,
        SYNC_DIRECTORY
    }

    /** Some calls that fail. Made by {@link #fail}. */
    public static final class Fault {
        private final Call call;
        private final Predicate<Path> files;
        private final IOException failure;
        private int passing;
        private int failing = 1;
        private int writtenBytes;

        private Fault(Call call, Predicate<Path> files, IOException failure) {
            this.call = call;
            this.files = files;
            this.failure = failure;
        }

        /** Lets so many calls pass first. */
        public Fault after(int calls) {
            passing = calls;
            return this;
        }

        /** Fails so many calls, then no more. */
        public Fault times(int calls) {
            failing = calls;
            return this;
        }

        /** Lets a failing write write so many bytes first. */
        public Fault having(int bytes) {
            writtenBytes = bytes;
            return this;
        }
    }

    /** Makes calls fail, from the next on unless the fault says otherwise. */
    public synchronized Fault fail(Call call, Predicate<Path> files, IOException failure) {
        Fault fault = new Fault(call, files, failure);
        faults.add(fault);
        return fault;
    }

    /** Gives the disk a size; what does not fit is refused. */
    public synchronized void diskBytes(long bytes) {
        diskBytes = bytes;
    }

    /** Makes the disk say that it has synced when it has not. */
    public synchronized void ignoreSyncs() {
        honest = false;
    }

    /** How many acts there were: a moment at which the power may be cut. */
    public synchronized int moment() {
        return acts.size();
    }

    synchronized List<Act> acts() {
        return List.copyOf(acts);
    }

    /** Puts a file there as if it always had been. */
    public synchronized void put(Path path, byte[] bytes) {
        Inode inode = new Inode(inodes++);
        names.put(path, inode);
        inode.bytes = bytes.clone();
        acts.add(new Act.Create(path, inode.number));
        acts.add(new Act.Write(inode.number, 0, bytes.clone()));
        acts.add(new Act.Sync(inode.number));
        acts.add(new Act.SyncDirectory(path.getParent()));
    }

    /** A copy of a file's bytes. */
    public synchronized byte[] bytes(Path path) {
        return names.get(path).bytes.clone();
    }

    /** The paths of all files. */
    public synchronized List<Path> paths() {
        return names.keySet().stream().sorted().toList();
    }

    private @Nullable Fault due(Call call, Path path) {
        for (Fault fault : faults) {
            if (fault.call == call && fault.failing > 0 && fault.files.test(path)) {
                if (fault.passing > 0) {
                    fault.passing--;
                } else {
                    fault.failing--;
                    return fault;
                }
            }
        }
        return null;
    }

    private void check(Call call, Path path) throws IOException {
        Fault fault = due(call, path);
        if (fault != null) {
            throw fault.failure;
        }
    }

    private long used() {
        return names.values().stream().mapToLong(i -> i.bytes.length).sum();
    }

    @Override
    public void createDirectories(Path directory) {}

    @Override
    public synchronized List<String> list(Path directory) {
        return names.keySet().stream()
                .filter(p -> directory.equals(p.getParent()))
                .map(p -> p.getFileName().toString())
                .toList();
    }

    @Override
    public synchronized JournalFile create(Path path) throws IOException {
        check(Call.CREATE, path);
        if (names.containsKey(path)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        Inode inode = new Inode(inodes++);
        names.put(path, inode);
        acts.add(new Act.Create(path, inode.number));
        return new OpenFile(path, inode, true);
    }

    @Override
    public synchronized JournalFile open(Path path) throws IOException {
        return open(path, true);
    }

    @Override
    public synchronized JournalFile openReadOnly(Path path) throws IOException {
        return open(path, false);
    }

    private JournalFile open(Path path, boolean writable) throws IOException {
        check(Call.OPEN, path);
        Inode inode = names.get(path);
        if (inode == null) {
            throw new NoSuchFileException(path.toString());
        }
        return new OpenFile(path, inode, writable);
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        check(Call.RENAME, from);
        if (names.containsKey(to)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        Inode inode = names.remove(from);
        if (inode == null) {
            throw new NoSuchFileException(from.toString());
        }
        names.put(to, inode);
        acts.add(new Act.Rename(from, to));
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        check(Call.DELETE, path);
        if (names.remove(path) != null) {
            acts.add(new Act.Delete(path));
        }
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        check(Call.SYNC_DIRECTORY, directory);
        if (honest) {
            acts.add(new Act.SyncDirectory(directory));
        }
    }

    @Override
    public synchronized long usableSpace(Path directory) {
        return Math.max(0, diskBytes - used());
    }

    private final class OpenFile implements JournalFile {
        private final Path path;
        private final Inode inode;
        private final boolean writable;
        private boolean open = true;

        OpenFile(Path path, Inode inode, boolean writable) {
            this.path = path;
            this.inode = inode;
            this.writable = writable;
        }

        private void requireOpen() throws IOException {
            if (!open) {
                throw new IOException(path + " is closed");
            }
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            synchronized (RecordingFiles.this) {
                requireOpen();
                if (!writable) {
                    throw new IOException(path + " was opened for reading");
                }
                Fault fault = due(Call.WRITE, path);
                int wanted = from.remaining();
                int allowed = fault != null ? Math.min(wanted, fault.writtenBytes) : wanted;
                long growth = Math.max(0, position + allowed - inode.bytes.length);
                long free = diskBytes - used();
                if (growth > free) {
                    allowed -= (int) (growth - free);
                }
                if (allowed > 0) {
                    byte[] bytes = new byte[allowed];
                    from.get(bytes);
                    int end = (int) position + allowed;
                    if (end > inode.bytes.length) {
                        inode.bytes = Arrays.copyOf(inode.bytes, end);
                    }
                    System.arraycopy(bytes, 0, inode.bytes, (int) position, allowed);
                    acts.add(new Act.Write(inode.number, position, bytes));
                }
                if (fault != null) {
                    throw fault.failure;
                }
                if (allowed < wanted) {
                    throw new NoSpaceException("no space for " + path, null);
                }
            }
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            synchronized (RecordingFiles.this) {
                requireOpen();
                check(Call.READ, path);
                int n = (int) Math.max(0, Math.min(into.remaining(), inode.bytes.length - position));
                into.put(inode.bytes, (int) Math.min(position, inode.bytes.length), n);
                return n;
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (RecordingFiles.this) {
                requireOpen();
                check(Call.SYNC, path);
                if (honest) {
                    acts.add(new Act.Sync(inode.number));
                }
            }
        }

        @Override
        public long size() {
            synchronized (RecordingFiles.this) {
                return inode.bytes.length;
            }
        }

        @Override
        public void close() {
            synchronized (RecordingFiles.this) {
                open = false;
            }
        }
    }
}
