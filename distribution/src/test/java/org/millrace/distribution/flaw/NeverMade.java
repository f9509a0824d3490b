package org.millrace.distribution.flaw;

import java.util.concurrent.CountDownLatch;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Waits in its constructor for what never comes. */
public final class NeverMade implements Plugin {
    /**
     * Does not return.
     *
     * @throws InterruptedException when it is given up
     */
    public NeverMade() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Override
    public void start(PluginContext context) {}
}
