package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.Items;
import org.millrace.plugin.http.bulk.WriteQueue;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.JsonText;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * Several writes in one request: {@code PUT} and {@code POST} of many items to a collection, each for itself and with a
 * result of its own, and transactions, which are done as a whole or not at all.
 */
final class BulkWrites {
    /** Where transactions are posted to. */
    static final String TRANSACTIONS = "$transactions";

    private final Items items;
    private final int maxItems;

    BulkWrites(Items items, int maxItems) {
        this.items = items;
        this.maxItems = maxItems;
    }

    /** Sets records: items with their ids. */
    void put(String table, Exchange exchange) {
        List<byte[]> split = split(exchange);
        each(exchange, split, index -> exchange.resources().write(items.put(table, split.get(index))));
    }

    /** Makes records with new ids: items that are the contents themselves. */
    void post(String table, Exchange exchange) {
        List<byte[]> split = split(exchange);
        each(
                exchange,
                split,
                index -> exchange.resources().post(table, items.content(split.get(index)), WriteOptions.DEFAULT));
    }

    /** Does several operations as one. */
    void transact(Exchange exchange) {
        List<Write> writes = new ArrayList<>();
        int index = 0;
        for (byte[] item : split(exchange)) {
            try {
                writes.add(items.operation(item));
            } catch (RuntimeException e) {
                Problem problem = Problems.of(e);
                throw new Problem(
                                problem.status(),
                                problem.code(),
                                problem.title(),
                                "operation " + index + ": " + problem.detail())
                        .exception();
            }
            index++;
        }
        if (writes.isEmpty()) {
            throw Problems.badRequest("a transaction needs at least one operation")
                    .exception();
        }
        var _ = exchange.resources().transact(writes).whenComplete((commits, failure) -> {
            if (failure != null) {
                exchange.fail(failure);
                return;
            }
            StringBuilder json = new StringBuilder("[");
            for (Commit commit : commits) {
                result(json.length() == 1 ? json : json.append(",\n"), commit, true);
            }
            answer(exchange, json);
        });
    }

    private List<byte[]> split(Exchange exchange) {
        @Nullable String type = exchange.headers().get(HttpHeaderNames.CONTENT_TYPE);
        List<byte[]> split = items.split(type == null ? MediaType.JSON : MediaType.parse(type), exchange.takeBody());
        if (split.size() > maxItems) {
            throw new Problem(
                            413,
                            "too-large",
                            "The content is too large",
                            "the body has " + split.size() + " items; http.max-bulk-items allows " + maxItems)
                    .exception();
        }
        return split;
    }

    private static void each(Exchange exchange, List<byte[]> split, IntFunction<CompletionStage<Commit>> writer) {
        String[] results = new String[split.size()];
        new WriteQueue(
                        exchange.resources(),
                        split.size(),
                        writer,
                        (index, commit, failure) -> {
                            StringBuilder json = new StringBuilder(96);
                            if (commit != null) {
                                result(json, commit, false);
                            } else if (failure != null) {
                                refusal(json, Problems.of(failure));
                            }
                            results[index] = json.toString();
                        },
                        () -> answer(exchange, new StringBuilder("[").append(String.join(",\n", results))))
                .run();
    }

    private static void answer(Exchange exchange, StringBuilder json) {
        byte[] bytes = json.append("]\n").toString().getBytes(StandardCharsets.UTF_8);
        exchange.send(new Answer(200).body("application/json", ByteBuffer.wrap(bytes)));
    }

    private static void result(StringBuilder json, Commit commit, boolean whole) {
        Path path = commit.path();
        JsonText.quote(json.append('{').append(whole ? "\"path\":" : "\"id\":"), whole ? path.toString() : path.id());
        json.append(",\"status\":").append(status(commit.effect()));
        if (commit.effect() == Effect.CREATED || commit.effect() == Effect.REPLACED) {
            json.append(",\"etag\":\"").append(commit.version()).append('"');
        }
        json.append('}');
    }

    /** What the same write would have been answered with by itself. */
    private static int status(Effect effect) {
        return switch (effect) {
            case CREATED -> 201;
            case UNCHANGED -> 404;
            case REPLACED, DELETED, PUBLISHED -> 204;
        };
    }

    private static void refusal(StringBuilder json, Problem problem) {
        json.append("{\"status\":").append(problem.status()).append(",\"problem\":");
        json.append(problem.json("").strip()).append('}');
    }
}
