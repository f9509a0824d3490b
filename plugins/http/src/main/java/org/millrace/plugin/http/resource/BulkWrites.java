package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.Items;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * Several writes in one request: {@code PUT} and {@code POST} of many items to a collection, each for itself and with a
 * result of its own, and transactions, which are done as a whole or not at all.
 */
final class BulkWrites {
    /** Where transactions are posted to. */
    private static final String TRANSACTIONS = "$transactions";

    private static final String PREFER = "prefer";

    private final Items items;
    private final int maxItems;
    private final int longestItem;

    /**
     * Prepares.
     *
     * @param items reads items
     * @param maxItems how many operations a transaction may have, and how many results are listed
     * @param maxContent the largest content
     */
    BulkWrites(Items items, int maxItems, int maxContent) {
        this.items = items;
        this.maxItems = maxItems;
        // A content in Base64, and the names around it.
        this.longestItem = (int) Math.min(Integer.MAX_VALUE - 64L, maxContent / 3L * 4 + 16 * 1024);
    }

    /** Whether a path is where transactions are posted to. */
    static boolean isTransactions(Path path) {
        return path.table().equals(TRANSACTIONS) && path.toString().equals(TRANSACTIONS);
    }

    /** Sets records: items with their ids. */
    void put(String table, Exchange exchange) {
        each(exchange, item -> exchange.resources().write(items.put(table, item)));
    }

    /** Makes records with new ids: items that are the contents themselves. */
    void post(String table, Exchange exchange) {
        each(exchange, poster(table, exchange));
    }

    /** As {@link #post(String, Exchange)}, of an array that has come as a whole. */
    void post(String table, Exchange exchange, byte[] array) {
        whole(exchange, array, poster(table, exchange));
    }

    private Function<byte[], CompletionStage<Commit>> poster(String table, Exchange exchange) {
        return item -> exchange.resources().post(table, items.content(item), WriteOptions.DEFAULT);
    }

    private void each(Exchange exchange, Function<byte[], CompletionStage<Commit>> writer) {
        if (exchange.isBodyStreamed()) {
            exchange.readBody(body(exchange, isLines(exchange), writer));
        } else {
            whole(exchange, items.json(type(exchange), exchange.takeBody()), writer);
        }
    }

    private void whole(Exchange exchange, byte[] array, Function<byte[], CompletionStage<Commit>> writer) {
        BulkBody body = body(exchange, false, writer);
        body.data(ByteBuffer.wrap(array));
        body.end();
    }

    private BulkBody body(Exchange exchange, boolean lines, Function<byte[], CompletionStage<Commit>> writer) {
        var results = new BulkResults(wantsLittle(exchange) ? 0 : maxItems, lines ? "line" : "item", exchange.memory());
        return new BulkBody(exchange, lines, longestItem, results, writer);
    }

    /** Whether the client wants no result of each item (RFC 7240 section 4.2). */
    static boolean wantsLittle(Exchange exchange) {
        return exchange.headers().getAll(PREFER).stream()
                .flatMap(field -> List.of(field.split(",", -1)).stream())
                .anyMatch(preference -> preference.strip().equalsIgnoreCase("return=minimal"));
    }

    static boolean isLines(Exchange exchange) {
        return type(exchange).equals(RowFormat.NDJSON);
    }

    private static MediaType type(Exchange exchange) {
        @Nullable String type = exchange.headers().get(HttpHeaderNames.CONTENT_TYPE);
        return type == null ? MediaType.JSON : MediaType.parse(type);
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
            byte[] json = BulkResults.json(commits).getBytes(StandardCharsets.UTF_8);
            exchange.send(new Answer(200).body("application/json", ByteBuffer.wrap(json)));
        });
    }

    private List<byte[]> split(Exchange exchange) {
        List<byte[]> split = items.split(type(exchange), exchange.takeBody());
        if (split.size() > maxItems) {
            throw new Problem(
                            413,
                            "too-large",
                            "The content is too large",
                            "the transaction has " + split.size() + " operations; http.max-bulk-items allows "
                                    + maxItems)
                    .exception();
        }
        return split;
    }
}
