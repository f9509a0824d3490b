package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.condition.Conditions;
import org.millrace.plugin.http.condition.EntityTag;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.negotiation.Accept;
import org.millrace.plugin.http.negotiation.Suffix;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/** {@code GET} and {@code HEAD} of a record. */
final class RecordReads {
    private static final String METRICS = "metrics";
    private static final Path SYSTEM_METRICS = Path.of("$sys/metrics");
    /** The text format of Prometheus says by its type which version of it this is. */
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    void get(Path path, Exchange exchange) {
        read(exchange, path, found -> {
            if (found.isPresent()) {
                answer(exchange, found.get(), accept(exchange));
            } else {
                withoutSuffix(path, exchange);
            }
        });
    }

    /** There is no record of this name: perhaps the name says a format, or is one that scrapers of metrics expect. */
    private void withoutSuffix(Path path, Exchange exchange) {
        if (path.toString().equals(METRICS)) {
            read(exchange, SYSTEM_METRICS, found -> {
                Entry entry = found.orElseThrow(() -> Problems.notFound(METRICS).exception());
                answer(exchange, entry, accept(exchange));
            });
            return;
        }
        Optional<MediaType> collection = RowFormat.ofSuffix(path.id());
        if (collection.isPresent()) {
            CollectionMethods.list(
                    path.table(), exchange, exchange.requestTarget().query(), collection.get());
            return;
        }
        Optional<Suffix> suffix = Suffix.of(path);
        if (suffix.isEmpty()) {
            throw Problems.notFound(path.toString()).exception();
        }
        read(exchange, suffix.get().path(), found -> {
            Entry entry =
                    found.orElseThrow(() -> Problems.notFound(path.toString()).exception());
            answer(exchange, entry, Accept.parse(suffix.get().type().name()));
        });
    }

    private interface Reader {
        void accept(Optional<Entry> found);
    }

    /** Reads a record; what the reader throws is answered as a refusal. */
    private static void read(Exchange exchange, Path path, Reader reader) {
        CompletionStage<Optional<Entry>> reading = exchange.resources().get(path);
        var _ = reading.whenComplete((found, failure) -> {
            try {
                if (failure != null) {
                    exchange.fail(failure);
                } else {
                    reader.accept(found);
                }
            } catch (RuntimeException e) {
                exchange.fail(e);
            }
        });
    }

    static Accept accept(Exchange exchange) {
        @Nullable String first = exchange.headers().get(HttpHeaderNames.ACCEPT);
        if (first == null || first.equals("*/*")) {
            return Accept.ALL;
        }
        return Accept.parse(String.join(",", exchange.headers().getAll(HttpHeaderNames.ACCEPT)));
    }

    private static void answer(Exchange exchange, Entry entry, Accept accept) {
        Content stored = entry.content();
        Optional<MediaType> chosen = accept.choose(stored);
        if (chosen.isEmpty()) {
            throw Problems.notAcceptable(
                            accept.toString(),
                            Accept.available(stored).stream()
                                    .map(MediaType::name)
                                    .toList())
                    .withHeaders("Vary", "Accept")
                    .exception();
        }
        MediaType type = chosen.get();
        String tag = EntityTag.value(entry.version(), stored.mediaType(), type);
        Conditions conditions = Conditions.of(exchange.headers());
        switch (conditions.forRead(entry.version(), tag)) {
            case PROCEED -> {
                Content given = type.equals(stored.mediaType()) ? stored : stored.as(type);
                give(exchange, entry, tag, shown(entry.path(), type), given.bytes());
            }
            case NOT_MODIFIED -> exchange.send(validators(new Answer(304), entry, tag));
            case FAILED ->
                throw Problems.preconditionFailed(conditions
                                .unmatchable()
                                .orElse("the record is at version " + entry.version() + ", not as the request demands"))
                        .exception();
        }
    }

    private static String shown(Path path, MediaType type) {
        return path.equals(SYSTEM_METRICS) && type.equals(MediaType.TEXT) ? METRICS_TYPE : type.name();
    }

    private static void give(Exchange exchange, Entry entry, String tag, String type, ByteBuffer bytes) {
        int size = bytes.remaining();
        @Nullable
        ByteRange range = exchange.method().equals("GET")
                ? ByteRange.of(exchange.headers(), tag, entry.version().epochMillis(), size)
                : null;
        if (range == null) {
            exchange.send(validators(new Answer(200), entry, tag).body(type, bytes));
        } else if (range.isSatisfiable()) {
            exchange.send(validators(new Answer(206), entry, tag)
                    .field("Content-Range", "bytes " + range.from() + "-" + range.to() + "/" + size)
                    .body(type, bytes.slice(range.from(), range.to() - range.from() + 1)));
        } else {
            throw new Problem(
                            416,
                            "range-not-satisfiable",
                            "The range is beyond the record",
                            "the record has " + size + " bytes in this format")
                    .withHeaders("Content-Range", "bytes */" + size)
                    .exception();
        }
    }

    private static Answer validators(Answer answer, Entry entry, String tag) {
        return answer.negotiated().etag(tag).lastModified(entry.version().epochMillis());
    }
}
