package org.millrace.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second process out of a data directory: an exclusive lock on the file {@code lock} in it, which the operating
 * system gives back when the process ends, however it ends. Take it before anything in the directory is opened; opening
 * a journal repairs its end and must not happen to one that is in use.
 *
 * <p>Safe for use by any thread. The file itself stays and holds the number of the process that locked it last.
 */
public final class DirectoryLock implements AutoCloseable {
    // POSIX gives up a process's lock when any of its descriptors of the file is closed, so a second attempt of this
    // process must not even open the file.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Locks a directory.
     *
     * @param directory made if missing
     * @return the lock, to be closed after everything in the directory
     * @throws StoreOpenException if another holds it (the message names its process where that is known), or if the
     *     directory cannot be used
     */
    public static DirectoryLock acquire(Path directory) {
        Path real;
        try {
            Files.createDirectories(directory);
            real = directory.toRealPath();
        } catch (IOException e) {
            throw unusable(directory, e);
        }
        if (!HELD.add(real)) {
            throw inUse(real, "this process, " + ProcessHandle.current().pid());
        }
        try {
            return new DirectoryLock(real, lockFile(real));
        } catch (IOException e) {
            HELD.remove(real);
            throw unusable(directory, e);
        } catch (StoreOpenException e) {
            HELD.remove(real);
            throw e;
        }
    }

    private static FileChannel lockFile(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve("lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(directory, holder(channel));
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            return channel;
        } catch (IOException | StoreOpenException e) {
            channel.close();
            throw e;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
        return pid.isEmpty() ? "another process" : "process " + pid;
    }

    private static StoreOpenException inUse(Path directory, String holder) {
        return new StoreOpenException("data directory " + directory + " is in use by " + holder + ", which holds "
                + directory.resolve("lock") + ". Stop it, or set another data directory");
    }

    private static StoreOpenException unusable(Path directory, IOException cause) {
        return new StoreOpenException(
                "cannot use data directory " + directory + ": " + cause + ". Check that it exists and is writable",
                cause);
    }

    /**
     * The locked directory.
     *
     * @return its real path
     */
    public Path directory() {
        return directory;
    }

    /** Gives the directory free. A second call does nothing. */
    @Override
    public void close() {
        try {
            channel.close(); // releases the lock
        } catch (IOException e) {
            throw unusable(directory, e);
        } finally {
            HELD.remove(directory);
        }
    }
}
