package org.millrace.plugin.amqp.feed;

import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.spi.content.Content;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** What becomes of messages that nobody can use. Safe for use by any thread. */
final class DeadLetters {
    private final PluginContext context;
    private final AmqpConfig config;
    private final Groups groups;

    DeadLetters(PluginContext context, AmqpConfig config, Groups groups) {
        this.context = context;
        this.config = config;
        this.groups = groups;
    }

    /** Whether a message has failed as often as it may. */
    boolean isTooOften(long failures) {
        return config.maxDeliveries() > 0 && failures >= config.maxDeliveries();
    }

    /** Puts a message where it can be looked at, then lets it go: {@code done} is run on any thread. */
    void bury(Change change, Resources view, Runnable done) {
        Content content = change.content().orElse(null);
        if (config.deadLetterTable().isEmpty() || content == null) {
            done.run();
            return;
        }
        Path to = Path.of(config.deadLetterTable(), change.path().toString());
        CompletionStage<Void> kept = groups.isQueue(to) ? groups.keep(to) : CompletableFuture.completedStage(null);
        view.write(new Write.Publish(to, content, WriteOptions.DEFAULT.withProperties(change.properties())))
                .thenCompose(_ -> kept)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        context.log().log(
                                Level.WARNING,
                                "a rejected message was not put at ''{0}'' and is dropped: {1}",
                                to,
                                failure.getMessage());
                    }
                    done.run();
                });
    }
}
