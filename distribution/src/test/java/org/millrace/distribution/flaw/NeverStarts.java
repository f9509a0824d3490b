package org.millrace.distribution.flaw;

import java.util.concurrent.CountDownLatch;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Waits in its start for what never comes. */
public final class NeverStarts implements Plugin {
    @Override
    public void start(PluginContext context) throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
