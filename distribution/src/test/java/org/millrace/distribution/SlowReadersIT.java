package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that stop reading while many changes pass, beside two that read on. The host's heap is 256 MiB and its direct
 * memory the same: were anything queued for the slow ones, it would not last. What one of them can hold of the direct memory
 * is its demand window (32 KiB) beyond the socket's high-water mark (32 KiB), and nothing of the heap but a place in the
 * journal. So the heap is bounded by the ring of the newest changes (65,536, at most 64 MiB) with the two forms they are
 * sent in, whatever the number of slow clients: {@link #HEAP}.
 */
class SlowReadersIT {
    private static final String RECORD = "/slow/1";
    private static final long HEAP = 144L << 20;
    /** How much longer than alone the fast ones may take beside the slow: those have to be filled up first. */
    private static final int SLOWER = 10;

    private static final long PATIENCE_NANOS = 1_800L * 1_000_000_000;

    @TempDir
    Path folder;

    @Test
    void fortyEachOfTenThousandChangesOfOneKibibyte() throws Exception {
        run(40, 10_000, 1_000);
    }

    @Test
    @Tag("slow")
    void aThousandEachOfAHundredThousandChanges() throws Exception {
        run(1_000, 100_000, 100);
    }

    private void run(int each, int changes, int size) throws Exception {
        List<NumberReader> slow = new ArrayList<>();
        List<NumberReader> fast = new ArrayList<>();
        try (MillraceProcess host = MillraceProcess.start(
                        folder.resolve("data"),
                        "--set",
                        "http.send-timeout=20m",
                        "--set",
                        "websocket.idle-timeout=20m");
                Selector selector = Selector.open()) {
            int port = host.port("http");
            try {
                long alone = fastOnes(port, changes, size, selector, fast);
                for (int i = 0; i < each; i++) {
                    slow.add(NumberReader.eventStream(port, RECORD, i % 2 == 0));
                    slow.add(NumberReader.webSocket(port, RECORD, i % 2 == 0));
                }
                long beside = fastOnes(port, changes, size, selector, fast);
                assertThat(beside)
                        .as("nanoseconds for the fast ones, beside slow ones and alone")
                        .isLessThan(SLOWER * alone);
                assertThat(host.heapAfterCollection())
                        .as("bytes of the host's heap")
                        .isLessThan(HEAP);

                assertThat(slow)
                        .as("slow ones have read nothing yet")
                        .allSatisfy(r -> assertThat(r.count()).isZero());
                readUntilAllHave(changes, selector, slow);
                long conflated = slow.stream().filter(r -> r.count() < changes).count();
                assertThat(conflated)
                        .as("the latest ones skipped what they were too slow for")
                        .isPositive();
                assertThat(host.isAlive()).isTrue();
                assertThat(host.log()).doesNotContain("OutOfMemory").doesNotContain(" ERROR ");
            } finally {
                for (NumberReader reader : slow) {
                    reader.close();
                }
                for (NumberReader reader : fast) {
                    reader.close();
                }
            }
        }
    }

    /** Has two clients read all changes while they are written, and gives how long it took. */
    private static long fastOnes(int port, int changes, int size, Selector selector, List<NumberReader> fast)
            throws IOException {
        List<NumberReader> these =
                List.of(NumberReader.eventStream(port, RECORD, true), NumberReader.webSocket(port, RECORD, true));
        fast.addAll(these);
        long start = System.nanoTime();
        CompletableFuture<Void> writing =
                CompletableFuture.runAsync(() -> write(port, changes, size), Thread.ofVirtual()::start);
        readUntilAllHave(changes, selector, these);
        writing.join();
        assertThat(these).allSatisfy(reader -> assertThat(reader.count()).isEqualTo(changes));
        long took = System.nanoTime() - start;
        for (NumberReader reader : these) {
            reader.close();
        }
        return took;
    }

    private static void write(int port, int changes, int size) {
        String pad = "x".repeat(size);
        try (SocketChannel channel = NumberReader.multiplexed(port)) {
            for (int n = 1; n <= changes; n++) {
                String id = n == changes ? "\"id\":1," : "";
                ByteBuffer frame =
                        NumberReader.masked("{" + id + "\"op\":\"put\",\"path\":\"slow/1\",\"durability\":\"os\","
                                + "\"value\":{\"n\":" + n + ",\"pad\":\"" + pad + "\"}}");
                while (frame.hasRemaining()) {
                    channel.write(frame);
                }
            }
            assertThat(NumberReader.readTo(channel, "}}")).contains("\"effect\":");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void readUntilAllHave(long last, Selector selector, List<NumberReader> readers) throws IOException {
        for (NumberReader reader : readers) {
            reader.channel().configureBlocking(false);
            reader.channel().register(selector, SelectionKey.OP_READ, reader);
        }
        ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
        long end = System.nanoTime() + PATIENCE_NANOS;
        long[] missing = {readers.size()};
        while (missing[0] > 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        missing[0] + " of " + readers.size() + " clients have not seen the last change");
            }
            selector.select(
                    key -> {
                        NumberReader reader = (NumberReader) key.attachment();
                        reader.read(buffer);
                        if (reader.last() == last) {
                            missing[0]--;
                            key.cancel();
                        }
                    },
                    1_000);
        }
    }
}
