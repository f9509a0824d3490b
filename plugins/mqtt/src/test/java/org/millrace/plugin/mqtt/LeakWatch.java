package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;

/**
 * Watches for buffers that are not released, with Netty's leak detection at its highest, and for what the plugin or Netty
 * log as an internal error. Other lines of the log are kept off the console, for a fuzzer causes thousands.
 */
final class LeakWatch implements AutoCloseable {
    private static final String CANARY = "left by the watch itself, to see that leaks are found, ";

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final ResourceLeakDetector.Level levelBefore = ResourceLeakDetector.getLevel();
    private final Logger log = Logger.getLogger("millrace.mqtt");
    /** What it says comes to the listener too. */
    private final Logger detector = Logger.getLogger(ResourceLeakDetector.class.getName());

    private final Logger root = Logger.getLogger("");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getThrown() != null || line.getLevel().intValue() >= Level.SEVERE.intValue()) {
                errors.add(line.getMessage() + ": " + line.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    LeakWatch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + "\n" + records));
        log.addHandler(handler);
        log.setUseParentHandlers(false);
        detector.setUseParentHandlers(false);
        root.addHandler(handler);
    }

    /** Waits until the collector has found what was left before, and expects that to be nothing. */
    void expectNothing() {
        String canary = CANARY + System.nanoTime(); // equal leaks are reported once
        leaveOne(canary);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            for (int i = 0; i < 100; i++) {
                ByteBufAllocator.DEFAULT.directBuffer(16).release(); // the detector reports when it is asked to track
            }
            return leaks.removeIf(leak -> leak.contains(canary));
        });
        assertThat(leaks).as("buffers that were not released").isEmpty();
        assertThat(errors).as("internal errors").isEmpty();
    }

    private static void leaveOne(String canary) {
        ByteBufAllocator.DEFAULT.directBuffer(16).touch(canary);
    }

    @Override
    public void close() {
        root.removeHandler(handler);
        log.removeHandler(handler);
        log.setUseParentHandlers(true);
        detector.setUseParentHandlers(true);
        ByteBufUtil.setLeakListener((type, records) -> {});
        ResourceLeakDetector.setLevel(levelBefore);
    }
}
