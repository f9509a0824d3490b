package org.millrace.host.cli;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.millrace.host.config.Configuration;
import org.millrace.host.logging.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a host until it is told to stop. */
@Command(
        name = "start",
        description = {
            "Run a host in the foreground.",
            "When it serves, it prints one line on standard output that names every listener. SIGTERM or Ctrl-C stops"
                    + " it cleanly, a second one at once. The log goes to standard error."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:stopped cleanly", "1:could not start", "2:the command line or the configuration is wrong"})
final class StartCommand implements Callable<Integer> {
    private final HostLauncher launcher;
    private final StopSignal stop;
    private final Duration grace;

    @Mixin
    private final ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    /**
     * Makes the command.
     *
     * @param grace what a host may take beyond its own time limit before it is ended by force
     */
    StartCommand(HostLauncher launcher, StopSignal stop, Duration grace) {
        this.launcher = launcher;
        this.stop = stop;
        this.grace = grace;
    }

    @Override
    public Integer call() throws Exception {
        // Asked for beside the start, because the first look at the JVM's start time loads its management classes.
        CompletableFuture<Long> began = CompletableFuture.supplyAsync(
                () -> ManagementFactory.getRuntimeMXBean().getStartTime());
        Configuration configuration = options.load(System.getenv(), System.getProperty("millrace.home"));
        Logging.apply(configuration.host().log());
        Logger log = LoggerFactory.getLogger("millrace");
        CountDownLatch stopped = new CountDownLatch(1);
        stop.onStop(stopped::countDown);

        RunningHost host = launcher.launch(configuration);
        if (stopped.getCount() > 0) {
            printReady(host, System.currentTimeMillis() - began.join());
        }
        awaitStop(stopped);
        return close(host, configuration.host().shutdownTimeout().plus(grace), log);
    }

    /** A program that runs this in a thread of its own has no signals: it interrupts the thread. */
    private static void awaitStop(CountDownLatch stopped) {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            stopped.countDown();
        }
    }

    private void printReady(RunningHost host, long millis) {
        StringBuilder line = new StringBuilder("ready");
        for (Map.Entry<String, InetSocketAddress> listener : host.listeners().entrySet()) {
            line.append(' ').append(listener.getKey()).append('=').append(text(listener.getValue()));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(line.append(" in ").append(millis).append(" ms"));
        out.flush();
    }

    /** Address and port, with an IPv6 address in brackets (RFC 3986 section 3.2.2). */
    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static int close(RunningHost host, Duration timeout, Logger log) throws InterruptedException {
        AtomicBoolean failed = new AtomicBoolean();
        Thread closing = Thread.ofPlatform().name("millrace-stop").daemon().start(() -> {
            try {
                host.close();
            } catch (RuntimeException e) {
                failed.set(true);
                log.error("the host did not stop cleanly; what was acknowledged is in the journal", e);
            }
        });
        if (!closing.join(timeout)) {
            log.error(
                    "the host did not stop within {} ms; it is ended now. What was acknowledged is in the journal."
                            + " Raise shutdown-timeout if it needs more time.",
                    timeout.toMillis());
            return Millrace.FAILED;
        }
        return failed.get() ? Millrace.FAILED : Millrace.OK;
    }
}
