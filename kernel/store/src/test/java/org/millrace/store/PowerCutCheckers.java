package org.millrace.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Processes of {@link PowerCutCheck} that check images, as many at once as there are processors. Used by one thread;
 * images are deleted when they have been checked. LMDB follows what a broken file says through memory, so that an image
 * may end the process that opens it: that is found of this one image, and the next is checked by a new process.
 */
final class PowerCutCheckers implements AutoCloseable {
    private static final int AT_ONCE = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);

    private static final List<String> ANSWERS = List.of("ok ", "LOST ", "CORRUPT ");

    private final Class<?> main;
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
     * @param broken each image that is not as promised, or that ended the process which opened it
     * @param rolled how many had lost history to retention
     * @param records how many records the largest had
     * @param cursors how many cursors were resumed from
     * @param indexing how many had an index half built or half dropped
     */
    record Tally(List<String> broken, int rolled, long records, long cursors, int indexing) {}

    PowerCutCheckers(Path history) throws Exception {
        this(PowerCutCheck.class, history);
    }

    /** Checks with another program than {@link PowerCutCheck}, which answers as that one does. */
    PowerCutCheckers(Class<?> main, Path history) throws Exception {
        this.main = main;
        this.history = history;
        for (int i = 0; i < AT_ONCE; i++) {
            idle.add(start());
        }
    }

    private ForkedJvm start() throws Exception {
        return ForkedJvm.start(Map.of(), main, history.toString());
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
            String answer = answerTo(question, checker);
            if (answer.startsWith("CORRUPT ") || answer.startsWith("CRASHED ")) {
                // What it could not open it may still hold, if it is there at all.
                checker.close();
                checker = start();
            }
            return answer;
        } finally {
            idle.add(checker);
        }
    }

    /** A checker's answer, or that it crashed, with what the JVM printed of that instead of an answer. */
    private static String answerTo(String question, ForkedJvm checker) throws Exception {
        StringJoiner report = new StringJoiner(" ");
        try {
            checker.writeLine(question);
            for (String line = checker.readLine(); line != null; line = checker.readLine()) {
                if (ANSWERS.stream().anyMatch(line::startsWith)) {
                    return line;
                }
                report.add(line);
            }
        } catch (IOException e) {
            report.add(e.toString()); // it has ended before it was asked
        }
        return "CRASHED with exit code " + checker.waitFor() + ": " + report;
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
