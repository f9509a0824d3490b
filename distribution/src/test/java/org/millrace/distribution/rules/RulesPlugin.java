package org.millrace.distribution.rules;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Application logic that a test drops in as a jar: readings are numbers, hot ones raise an alert, hours are computed. */
public final class RulesPlugin implements Plugin {
    @Override
    public void start(PluginContext context) {
        context.extensions().offer(CustomResource.POINT, new Readings(context));
    }

    private record Readings(PluginContext context) implements CustomResource {
        @Override
        public List<TopicFilter> filters() {
            return List.of(TopicFilter.of("readings/+"));
        }

        @Override
        public CompletionStage<Accepted> accept(Write write, Caller caller) {
            return switch (write) {
                case Write.Put put ->
                    CompletableFuture.supplyAsync(() -> decide(write, put.content()), context.executor());
                case Write.Publish event -> CompletableFuture.completedStage(decide(write, event.content()));
                case Write.Patch _, Write.Delete _ ->
                    throw new ResourceException(ErrorCode.UNSUPPORTED, "a reading stays as it is");
            };
        }

        private Accepted decide(Write write, Content content) {
            double value;
            try {
                value = Double.parseDouble(text(content));
            } catch (NumberFormatException e) {
                throw new ResourceException(ErrorCode.INVALID, "a reading is a number, not " + text(content));
            }
            Accepted accepted = Accepted.of(write);
            return value <= 30
                    ? accepted
                    : accepted.and(
                            new Write.Put(Path.of("alerts/" + write.path().id()), content, WriteOptions.DEFAULT));
        }

        @Override
        public CompletionStage<Optional<Entry>> read(Path path, Optional<Entry> stored, Caller caller) {
            if (!path.id().equals("unit")) {
                return CompletableFuture.completedStage(stored);
            }
            byte[] json = "\"Celsius\"".getBytes(StandardCharsets.UTF_8);
            Content unit = context.contents().of(MediaType.JSON, json);
            return CompletableFuture.completedStage(
                    Optional.of(Entry.computed(path, unit, context.clock().instant())));
        }

        private static String text(Content content) {
            return new String(content.toByteArray(), StandardCharsets.UTF_8);
        }
    }
}
