package org.millrace.testkit.contract;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Finds what a stopped plugin left behind. For one thread. */
final class Leftovers {
    private static final long LOOK_AGAIN_NANOS = 20_000_000;
    /** Started by the JDK or Netty for everybody, whenever they are first needed, and never ended. */
    private static final List<String> OF_ALL = List.of(
            "globalEventExecutor",
            "ForkJoinPool",
            "VirtualThread-unblocker",
            "VirtualThread-unparker",
            "Common-Cleaner",
            "Attach Listener",
            "process reaper",
            "JNA Cleaner",
            "surefire");

    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

    static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    static void awaitNoThreadBeyond(Set<Thread> before, Duration most) {
        await(
                "the threads " + names(beyond(before)) + " have ended",
                most,
                () -> beyond(before).isEmpty());
    }

    private static Set<Thread> beyond(Set<Thread> before) {
        Set<Thread> now = threads();
        now.removeAll(before);
        now.removeIf(thread -> !thread.isAlive()
                || OF_ALL.stream().anyMatch(known -> thread.getName().startsWith(known)));
        return now;
    }

    private static List<String> names(Set<Thread> threads) {
        return threads.stream().map(Thread::getName).sorted().toList();
    }

    static void assertNobodyListens(InetSocketAddress address, boolean forDatagrams) {
        if (forDatagrams) {
            try (DatagramSocket _ = new DatagramSocket(address)) {
                return;
            } catch (IOException e) {
                throw new AssertionError("somebody still takes datagrams on " + address, e);
            }
        }
        try (Socket _ = new Socket(address.getAddress(), address.getPort())) {
            throw new AssertionError("somebody still listens on " + address);
        } catch (IOException e) {
            if (!(e instanceof java.net.ConnectException)) {
                throw new AssertionError("cannot tell whether somebody listens on " + address, e);
            }
        }
    }

    void add(ClassLoader loader) {
        loaders.add(new WeakReference<>(loader));
    }

    /** Waits until all class loaders but the newest, which the stack may still hold, can be collected. */
    void awaitNoLoader(Duration most) {
        await("no class loader of a stopped plugin is reachable", most, () -> {
            System.gc();
            return loaders.stream().filter(loader -> !loader.refersTo(null)).count() <= 1;
        });
    }

    static void await(String what, Duration most, BooleanSupplier condition) {
        long end = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + most.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }
}
