package org.millrace.toy;

import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.transport.DemandWindow;

/** Ways to break the contract. */
public final class Flawed {
    /** Ends the threads that flawed plugins leave behind, when the tests are over. */
    private static final CountDownLatch END = new CountDownLatch(1);

    private Flawed() {}

    /** Ends them. */
    public static void end() {
        END.countDown();
    }

    static void leaveThread() {
        Thread thread = new Thread(
                () -> {
                    try {
                        END.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "left behind");
        thread.setDaemon(true);
        thread.start();
    }

    /** Works in its constructor. */
    public static final class Hasty extends ToyPlugin {
        /** Starts a thread already. */
        public Hasty() {
            leaveThread();
        }
    }

    /** Leaves a thread when it stops. */
    public static final class Untidy extends ToyPlugin {
        @Override
        public void start(PluginContext context) throws IOException {
            super.start(context);
            leaveThread();
        }
    }

    /** Has one word for two errors. */
    public static final class Mumbling extends ToyPlugin {
        @Override
        String term(ErrorCode code) {
            return code == ErrorCode.CONFLICT ? ErrorCode.INVALID.id() : code.id();
        }
    }

    /** Takes everything for whoever asks. */
    public static final class Greedy extends ToyPlugin {
        @Override
        long demand(DemandWindow window, boolean writable) {
            return Long.MAX_VALUE;
        }
    }

    /** Lets everybody in. */
    public static final class Trusting extends ToyPlugin {
        @Override
        CompletionStage<Identity> authenticate(PluginContext context, ConnectionInfo via) {
            return CompletableFuture.completedStage(Identity.ANONYMOUS);
        }
    }

    /** Stops to serve at the first nonsense. */
    public static final class Touchy extends ToyPlugin {
        @Override
        void nonsense(ChannelHandlerContext ctx) {
            ctx.channel().parent().close();
            ctx.close();
        }
    }
}
