package org.millrace.host.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * SIGTERM, SIGINT (Ctrl-C) and SIGHUP ask the host to stop; a second one ends the process at once. A shutdown hook could
 * not do this: the JVM ignores signals while its hooks run, and ends with the signal's exit code instead of 0.
 */
final class Signals implements StopSignal {
    private static final String[] NAMES = {"TERM", "INT", "HUP"};

    /** What shells add to a signal's number in the exit code. */
    private static final int SIGNAL_EXIT = 128;

    private final AtomicBoolean stopping = new AtomicBoolean();

    Signals() {}

    @Override
    public void onStop(Runnable stop) {
        for (String name : NAMES) {
            Signal.handle(new Signal(name), signal -> {
                if (stopping.compareAndSet(false, true)) {
                    stop.run();
                } else {
                    Runtime.getRuntime().halt(SIGNAL_EXIT + signal.getNumber());
                }
            });
        }
    }
}
