package org.millrace.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.millrace.journal.JournalFile;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.NoSpaceException;

/** The system's files, on a disk that can be made full, broken, or slow. */
final class FaultyFiles implements JournalFiles {
    private final JournalFiles files = JournalFiles.system();
    volatile boolean full;
    volatile boolean broken;
    /** Syncs wait for this. */
    volatile CountDownLatch gate = new CountDownLatch(0);
    /** Counts up when a sync begins to wait. */
    volatile int syncsBegun;

    @Override
    public void createDirectories(Path directory) throws IOException {
        files.createDirectories(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public JournalFile create(Path file) throws IOException {
        if (full) {
            throw new NoSpaceException(file + ": no space left on device", null);
        }
        return new FaultyFile(files.create(file));
    }

    @Override
    public JournalFile open(Path file) throws IOException {
        return new FaultyFile(files.open(file));
    }

    @Override
    public JournalFile openReadOnly(Path file) throws IOException {
        return files.openReadOnly(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        files.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        files.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        files.syncDirectory(directory);
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return full ? 0 : files.usableSpace(directory);
    }

    private final class FaultyFile implements JournalFile {
        private final JournalFile file;

        FaultyFile(JournalFile file) {
            this.file = file;
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            // What a file has already been given stays its own when the disk is full.
            if (full && position + bytes.remaining() > file.size()) {
                throw new NoSpaceException("no space left on device", null);
            }
            file.write(bytes, position);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // by the writer thread only
        public void sync() throws IOException {
            syncsBegun++;
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (broken) {
                throw new IOException("input/output error");
            }
            file.sync();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
