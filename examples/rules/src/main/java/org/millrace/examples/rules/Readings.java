package org.millrace.examples.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * What happens to a reading. A client sends {@code readings/hall} a number, or an object with one as {@code value}, by a
 * write or by a message; in either case the record holds the newest reading afterwards.
 *
 * <p>The aggregate and the alert are read, and written under the condition that nobody has altered them since: if two
 * readings of a sensor come at once, the host asks again for one of them. So each reading counts exactly once. Called on
 * the event loops of clients, several at once; reads of stored records do not block.
 */
final class Readings implements CustomResource {
    static final String MINUTES = "minutes";
    static final String ALERTS = "alerts";

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm'Z'").withZone(ZoneOffset.UTC);

    private final ObjectMapper json = new ObjectMapper();
    private final PluginContext context;
    private final RulesConfig config;
    private final Resources records;

    Readings(PluginContext context, RulesConfig config) {
        this.context = context;
        this.config = config;
        // What it reads of aggregates and alerts is not the client's to be allowed.
        Identity self = new Identity(context.pluginId(), Set.of("admin"));
        this.records =
                context.resources(self, new ConnectionInfo(context.pluginId(), "", false, ""), context.executor());
    }

    @Override
    public List<TopicFilter> filters() {
        return List.of(TopicFilter.of("readings/+"));
    }

    @Override
    public CompletionStage<Accepted> accept(Write write, Caller caller) {
        Content content = switch (write) {
            case Write.Put put -> put.content();
            case Write.Publish message -> message.content();
            case Write.Patch _, Write.Delete _ ->
                throw new ResourceException(ErrorCode.UNSUPPORTED, "a reading is set as a whole");
        };
        double value = value(content);
        Instant now = context.clock().instant();
        String sensor = write.path().id();
        Path minute = Path.of(MINUTES + "/" + sensor + "/" + MINUTE.format(now));
        Path alert = Path.of(ALERTS + "/" + sensor);
        ObjectNode reading = json.createObjectNode()
                .put("value", value)
                .put("at", now.truncatedTo(ChronoUnit.MILLIS).toString());
        Write newest = new Write.Put(write.path(), content(reading), write.options());
        return records.get(minute).thenCombine(records.get(alert), (aggregate, raised) -> {
            Accepted accepted = Accepted.of(newest).and(aggregated(minute, aggregate, value, now));
            return alert(alert, raised, value, now).map(accepted::and).orElse(accepted);
        });
    }

    private double value(Content content) {
        if (content.canBe(MediaType.JSON)) {
            JsonNode given = read(content);
            JsonNode number = given.isObject() ? given.path("value") : given;
            if (number.isNumber()) {
                return number.doubleValue();
            }
        }
        throw new ResourceException(ErrorCode.INVALID, "a reading is a number, or an object with a number as value");
    }

    private Write aggregated(Path path, Optional<Entry> before, double value, Instant now) {
        JsonNode old = before.map(entry -> read(entry.content())).orElseGet(json::createObjectNode);
        long count = old.path("count").asLong() + 1;
        double sum = old.path("sum").asDouble() + value;
        ObjectNode aggregate = json.createObjectNode()
                .put("count", count)
                .put("min", Math.min(old.path("min").asDouble(value), value))
                .put("max", Math.max(old.path("max").asDouble(value), value))
                .put("sum", sum)
                .put("avg", sum / count);
        return new Write.Put(path, content(aggregate), unaltered(before).withExpiresAt(now.plus(config.keep())));
    }

    /** Raised by the first hot reading, kept up to date by the next ones, removed by the first that is not. */
    private Optional<Write> alert(Path path, Optional<Entry> before, double value, Instant now) {
        if (value <= config.hot()) {
            return before.map(entry -> new Write.Delete(path, unaltered(before)));
        }
        String since = before.map(entry -> read(entry.content()).path("since").asText())
                .orElseGet(() -> now.truncatedTo(ChronoUnit.MILLIS).toString());
        ObjectNode alert = json.createObjectNode().put("value", value).put("since", since);
        return Optional.of(new Write.Put(path, content(alert), unaltered(before)));
    }

    private static WriteOptions unaltered(Optional<Entry> before) {
        return WriteOptions.DEFAULT.withPrecondition(
                before.map(entry -> Precondition.at(entry.version())).orElse(Precondition.ABSENT));
    }

    private JsonNode read(Content content) {
        try {
            return json.readTree(content.as(MediaType.JSON).toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Content content(JsonNode value) {
        try {
            return context.contents().of(MediaType.JSON, json.writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
