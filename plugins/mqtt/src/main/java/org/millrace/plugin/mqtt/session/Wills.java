package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Write;

/** Publishes wills, each once, and knows when something of a session that waits is due. Safe for use by any thread. */
final class Wills {
    private static final byte[] NONE = {};
    private static final long RETRY_MILLIS = 20;

    private final PluginContext context;
    private final SessionStore store;

    Wills(PluginContext context, SessionStore store) {
        this.context = context;
        this.store = store;
    }

    /**
     * Publishes a session's will, if it still has one.
     *
     * @return completes when that is done, or has failed, which is reported
     */
    CompletionStage<Void> publish(SessionState state) {
        Will will = state.will().getAndSet(null);
        if (will == null) {
            return CompletableFuture.completedStage(null);
        }
        Publishing publishing = new Publishing(state, will);
        publishing.attempt();
        return publishing.done;
    }

    /** One will on its way. It is tried again as long as the host has no room for it. */
    private final class Publishing {
        private final SessionState state;
        private final Will will;
        private final Resources view;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Publishing(SessionState state, Will will) {
            this.state = state;
            this.will = will;
            this.view = context.resources(state.identity(), state.via(), context.executor());
        }

        void attempt() {
            Write write = will.at(context.clock());
            CompletionStage<Commit> published;
            if (state.generation().isEmpty()) {
                published = view.write(write);
            } else {
                // With the will goes that it was published, lest a restart does so again.
                String key = SessionStore.will(state.generation());
                store.supersede(key);
                published = view.write(write, new PluginStore.Update(key, NONE));
            }
            published.whenComplete((commit, failure) -> attempted(failure));
        }

        private void attempted(@Nullable Throwable failure) {
            boolean busy = failure != null && ResourceException.from(failure).code() == ErrorCode.BUSY;
            if (busy && !context.scheduler().isShutdown()) {
                context.scheduler().schedule(this::attempt, RETRY_MILLIS, TimeUnit.MILLISECONDS);
                return;
            }
            view.close();
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        () -> "the will of mqtt client '" + state.via().clientId()
                                + "' was not published to '" + will.write().path() + "': "
                                + failure.getMessage());
            }
            done.complete(null);
        }
    }

    /** Whether the session or its will has waited long enough. */
    boolean isDue(long leftMillis, SessionState state) {
        Will will = state.will().get();
        return SessionHeader.dueMillis(leftMillis, state.expirySeconds(), will == null ? -1 : will.delaySeconds())
                <= context.clock().millis();
    }

    /** Whether the session has waited long enough. */
    boolean isExpired(long leftMillis, SessionState state) {
        return SessionHeader.dueMillis(leftMillis, state.expirySeconds(), -1)
                <= context.clock().millis();
    }
}
