package org.millrace.host.plugin;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call into a plugin, on a thread that is thrown away afterwards. A lasting thread would keep the plugin's class
 * loader in memory by the thread locals that libraries leave behind, and a call that never returns would keep the thread.
 * Used once.
 */
final class PluginCall {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Thread thread;
    private volatile @Nullable Throwable failure;

    /** What is called. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    PluginCall(String name, ClassLoader loader, Body body) {
        thread = Thread.ofPlatform()
                .daemon()
                .name(name)
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> {
                    try {
                        body.run();
                    } catch (Throwable t) {
                        failure = t;
                    }
                });
        thread.setContextClassLoader(loader);
    }

    /**
     * Makes the call and waits for it.
     *
     * @throws PluginTimeoutException if it did not return in time; its thread was interrupted, and may still run
     * @throws VirtualMachineError if the JVM itself failed, unless it is the plugin's own endless recursion
     * @throws InterruptedException if the calling thread was interrupted
     * @throws Exception what the plugin threw; an {@link Error} is wrapped in a {@link PluginError}
     */
    void await(Duration limit) throws Exception {
        thread.start();
        if (!thread.join(limit)) {
            String place = place();
            thread.interrupt();
            boolean ended = thread.join(GRACE);
            throw new PluginTimeoutException(limit, place, ended);
        }
        switch (failure) {
            case null -> {}
            case StackOverflowError e -> throw new PluginError(e);
            case VirtualMachineError e -> throw e;
            case Error e -> throw new PluginError(e);
            case Exception e -> throw e;
            case Throwable e -> throw new PluginError(e);
        }
    }

    /** Where the thread is: in the plugin's code, and in what that calls. */
    private String place() {
        StackTraceElement[] trace = thread.getStackTrace();
        if (trace.length == 0) {
            return "";
        }
        for (StackTraceElement frame : trace) {
            String loader = frame.getClassLoaderName();
            if (loader != null && loader.startsWith(PluginClassLoader.NAME_PREFIX)) {
                return frame == trace[0] ? " at " + frame : " at " + frame + ", in " + trace[0];
            }
        }
        return " at " + trace[0];
    }

    /** Carries what is no {@link Exception}. */
    static final class PluginError extends Exception {
        private static final long serialVersionUID = 1L;

        private final Throwable error;

        PluginError(Throwable error) {
            super(error);
            this.error = error;
        }

        Throwable error() {
            return error;
        }
    }
}
