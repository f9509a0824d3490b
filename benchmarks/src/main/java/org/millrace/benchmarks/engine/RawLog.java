package org.millrace.benchmarks.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The yardstick: a preallocated file to which one thread writes whatever waits, and syncs once for all of it. It is fed as
 * the store is, keeps nothing else, and so shows what the disk and the hand-over between threads allow.
 */
final class RawLog implements Target, AutoCloseable {
    private static final int MOST_IN_BATCH = 1_024;
    private static final long FILE_BYTES = 256L << 20;

    private final FileChannel file;
    private final byte[] entry;
    private final ArrayBlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(65_536);
    private final Thread writer = Thread.ofPlatform().name("raw-log").unstarted(this::run);
    private volatile boolean open = true;

    RawLog(Path path, int entryBytes) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        entry = new byte[entryBytes];
        Arrays.fill(entry, (byte) 7);
        ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        for (long at = 0; at < FILE_BYTES; at += zeros.capacity()) {
            file.write(zeros.clear(), at);
        }
        file.force(true);
        writer.start();
    }

    @Override
    public void put(int key, Runnable durable) {
        try {
            queue.put(durable);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MOST_IN_BATCH * entry.length);
        List<Runnable> batch = new ArrayList<>();
        long position = 0;
        try {
            while (open) {
                Runnable first = queue.poll(50, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                batch.add(first);
                queue.drainTo(batch, MOST_IN_BATCH - 1);
                buffer.clear();
                batch.forEach(_ -> buffer.put(entry));
                buffer.flip();
                position = position + buffer.limit() > FILE_BYTES ? 0 : position;
                position += file.write(buffer, position);
                file.force(false);
                batch.forEach(Runnable::run);
                batch.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        open = false;
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }
}
