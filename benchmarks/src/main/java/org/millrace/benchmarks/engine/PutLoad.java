package org.millrace.benchmarks.engine;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import org.HdrHistogram.Histogram;

/** Keeps so many puts of uniformly chosen records in flight and takes their times. Used once. */
final class PutLoad {
    private final Target target;
    private final int keys;
    private final int inFlight;
    private final Semaphore free;

    // Owned by the one thread that tells of durable puts.
    private Histogram micros = new Histogram(3);
    private long done;
    private long lastNanos = System.nanoTime();
    private long silenceNanos;

    /** What came of it. */
    record Result(double perSecond, Histogram micros, double silenceMillis, double cpuMicros) {}

    PutLoad(Target target, int keys, int inFlight) {
        this.target = target;
        this.keys = keys;
        this.inFlight = inFlight;
        this.free = new Semaphore(inFlight);
    }

    /** Runs for so long, after a warm-up. */
    Result run(int warmUpSeconds, int seconds) {
        SplittableRandom random = new SplittableRandom(inFlight);
        drive(random, warmUpSeconds);
        micros = new Histogram(3);
        done = 0;
        silenceNanos = 0;
        lastNanos = System.nanoTime();
        long cpu = cpuNanos();
        long start = System.nanoTime();
        drive(random, seconds);
        long nanos = System.nanoTime() - start;
        return new Result(done * 1e9 / nanos, micros, silenceNanos / 1e6, (cpuNanos() - cpu) / 1e3 / Math.max(1, done));
    }

    private void drive(SplittableRandom random, int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            free.acquireUninterruptibly();
            long submitted = System.nanoTime();
            target.put(random.nextInt(keys), () -> durable(submitted));
        }
        // The permits also hand over what the other thread has written down.
        free.acquireUninterruptibly(inFlight);
        free.release(inFlight);
    }

    private void durable(long submitted) {
        long now = System.nanoTime();
        micros.recordValue(Math.max(0, (now - submitted) / 1_000));
        silenceNanos = Math.max(silenceNanos, now - lastNanos);
        lastNanos = now;
        done++;
        free.release();
    }

    /** What this process has used, which says more than a rate on a machine that others use. */
    static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
