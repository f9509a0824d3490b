package org.millrace.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Processes of {@link PowerCutCheck} that check images, as many at once as there are processors. Used by one thread;
 * images are deleted when they have been checked.
 */
final class PowerCutCheckers implements AutoCloseable {
    private static final int AT_ONCE = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);

    private final Path history;
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    private final BlockingQueue<ForkedJvm> idle = new ArrayBlockingQueue<>(AT_ONCE);
    /** Images are made faster than they are checked, and they are large. */
    private final Semaphore room = new Semaphore(2 * AT_ONCE);

    private final List<Future<Found>> all = new ArrayList<>();

    /** What a checker said of an image. */
    private record Found(int moment, String line) {}

    /**
     * What was found of all images.
     *
     * @param broken each image that is not as promised
     * @param rolled how many had lost history to retention
     * @param records how many records the largest had
     * @param cursors how many cursors were resumed from
     * @param indexing how many had an index half built or half dropped
     */
    record Tally(List<String> broken, int rolled, long records, long cursors, int indexing) {}

    PowerCutCheckers(Path history) throws Exception {
        this.history = history;
        for (int i = 0; i < AT_ONCE; i++) {
            idle.add(start());
        }
    }

    private ForkedJvm start() throws Exception {
        return ForkedJvm.start(Map.of(), PowerCutCheck.class, history.toString());
    }

    /** Has an image checked; waits while too many wait already. */
    void check(int moment, Path image, long acknowledged) throws InterruptedException {
        room.acquire();
        all.add(threads.submit(() -> {
            try {
                return new Found(moment, ask(image + " " + acknowledged));
            } finally {
                FileTree.delete(image);
                room.release();
            }
        }));
    }

    private String ask(String question) throws Exception {
        ForkedJvm checker = idle.take();
        try {
            checker.writeLine(question);
            String line = checker.readLine();
            if (line != null && !line.startsWith("CORRUPT")) {
                return line;
            }
            // What it could not open it may still hold.
            checker.close();
            checker = start();
            return line == null ? "CORRUPT the process ended" : line;
        } finally {
            idle.add(checker);
        }
    }

    /** Waits for all answers. */
    Tally finish() throws InterruptedException, ExecutionException {
        List<String> broken = new ArrayList<>();
        int rolled = 0;
        long records = 0;
        long cursors = 0;
        int indexing = 0;
        for (Future<Found> one : all) {
            Found found = one.get();
            if (!found.line().startsWith("ok ")) {
                broken.add("moment " + found.moment() + ": " + found.line());
                continue;
            }
            String[] words = found.line().split(" ", -1);
            rolled += Long.parseLong(words[1]) > 1 ? 1 : 0;
            records = Math.max(records, Long.parseLong(words[2]));
            cursors += Long.parseLong(words[3]);
            indexing += Boolean.parseBoolean(words[4]) ? 1 : 0;
        }
        return new Tally(broken, rolled, records, cursors, indexing);
    }

    @Override
    public void close() throws Exception {
        threads.shutdownNow();
        for (ForkedJvm checker : idle) {
            checker.close();
        }
    }
}
