package org.millrace.host.cli;

/** How a running host is told to stop. */
@FunctionalInterface
interface StopSignal {
    /**
     * Sets what is told.
     *
     * @param stop called at the first request, on any thread; must not block
     */
    void onStop(Runnable stop);
}
