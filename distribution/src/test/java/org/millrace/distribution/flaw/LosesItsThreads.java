package org.millrace.distribution.flaw;

import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Starts threads that end at once by an exception, on the host's executor too. */
public final class LosesItsThreads implements Plugin {
    @Override
    public void start(PluginContext context) {
        Thread.ofPlatform().name("doomed").start(LosesItsThreads::fail);
        context.executor().execute(LosesItsThreads::fail);
    }

    private static void fail() {
        throw new IllegalStateException("lost");
    }
}
