package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.condition.Conditions;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.negotiation.RequestContent;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.UrlPath;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * {@code PUT}, {@code PATCH}, {@code DELETE} and {@code POST} of a record. Every answer waits for the commit, which
 * comes when the change is as durable as its table asks.
 */
final class RecordWrites {
    private final RequestContent content;

    RecordWrites(RequestContent content) {
        this.content = content;
    }

    void put(Path path, Exchange exchange) {
        Content body = content.content(contentType(exchange), exchange.takeBody());
        write(path, exchange, options -> new Write.Put(path, body, options), this::written);
    }

    void patch(Path path, Exchange exchange) {
        Content body = content.patch(contentType(exchange), exchange.takeBody());
        write(path, exchange, options -> new Write.Patch(path, body, options), this::written);
    }

    void delete(Path path, Exchange exchange) {
        write(path, exchange, options -> new Write.Delete(path, options), (commit, answered) -> {
            if (commit.effect() == Effect.UNCHANGED) {
                throw Problems.notFound(path.toString()).exception();
            }
            answered.send(new Answer(204));
        });
    }

    /**
     * Sends an event. Answered with 204 and not 202: the act is not pending, the event has its place in the journal when
     * the answer goes out, and there is nothing to describe.
     */
    void publish(Path path, Exchange exchange) {
        Content body = content.content(contentType(exchange), exchange.takeBody());
        write(
                path,
                exchange,
                options -> new Write.Publish(path, body, options),
                (commit, answered) -> answered.send(new Answer(204)));
    }

    private void written(Commit commit, Exchange exchange) {
        boolean created = commit.effect() == Effect.CREATED;
        Answer answer = new Answer(created ? 201 : 204).etag(commit.version().toString());
        if (created) {
            answer.location(UrlPath.encode(commit.path()));
        }
        exchange.send(answer);
    }

    static @Nullable String contentType(Exchange exchange) {
        return exchange.headers().get(HttpHeaderNames.CONTENT_TYPE);
    }

    private interface Committed {
        void accept(Commit commit, Exchange exchange);
    }

    private static void write(Path path, Exchange exchange, Function<WriteOptions, Write> act, Committed committed) {
        Conditions conditions = Conditions.of(exchange.headers());
        if (!conditions.needsRecord()) {
            commit(path, exchange, act, conditions, Optional.empty(), committed);
            return;
        }
        var _ = exchange.resources().get(path).whenComplete((found, failure) -> {
            try {
                if (failure != null) {
                    exchange.fail(failure);
                } else if (found.isEmpty() && exchange.method().equals("DELETE")) {
                    // What would be answered without conditions comes first (RFC 9110 section 13.2.1).
                    exchange.fail(Problems.notFound(path.toString()).exception());
                } else {
                    commit(path, exchange, act, conditions, found, committed);
                }
            } catch (RuntimeException e) {
                exchange.fail(e);
            }
        });
    }

    private static void commit(
            Path path,
            Exchange exchange,
            Function<WriteOptions, Write> act,
            Conditions conditions,
            Optional<Entry> current,
            Committed committed) {
        Precondition precondition = conditions.forWrite(current);
        WriteOptions options = precondition == Precondition.NONE
                ? WriteOptions.DEFAULT
                : WriteOptions.DEFAULT.withPrecondition(precondition);
        Write write = act.apply(options);
        CompletionStage<Commit> writing = exchange.resources().write(write);
        var _ = writing.whenComplete((commit, failure) -> {
            try {
                if (failure == null) {
                    committed.accept(commit, exchange);
                } else if (ResourceException.from(failure).code() != ErrorCode.PRECONDITION_FAILED) {
                    exchange.fail(failure);
                } else {
                    Throwable refusal = conditions
                            .unmatchable()
                            .<Throwable>map(
                                    why -> Problems.preconditionFailed(why).exception())
                            .orElse(failure);
                    if (write instanceof Write.Delete) {
                        refuseDelete(path, exchange, refusal);
                    } else {
                        exchange.fail(refusal);
                    }
                }
            } catch (RuntimeException e) {
                exchange.fail(e);
            }
        });
    }

    /** A condition counts only where the act would succeed without it (RFC 9110 section 13.2.1). */
    private static void refuseDelete(Path path, Exchange exchange, Throwable failure) {
        var _ = exchange.resources().get(path).whenComplete((found, unreadable) -> {
            boolean absent = unreadable == null && found.isEmpty();
            exchange.fail(absent ? Problems.notFound(path.toString()).exception() : failure);
        });
    }
}
