package org.millrace.examples.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;

/**
 * A connection's running SCANs. Redis' cursors are numbers, Millrace's place in a table is an id: a few of these are
 * remembered by number. Used on the connection's event loop.
 */
final class Scans {
    private static final int REMEMBERED = 16;

    private final Resources resources;
    private final Map<String, String> places = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    };
    private long latest;

    Scans(Resources resources) {
        this.resources = resources;
    }

    /**
     * Looks at the next records of a table: that of the pattern's first level where it names one, else that of the keys
     * without a slash.
     */
    CompletionStage<Reply> next(String cursor, Glob pattern, long count, Keys keys) {
        String after = cursor.equals("0") ? "" : places.get(cursor);
        if (after == null) {
            throw new RedisException("ERR invalid cursor");
        }
        String levels = pattern.literalLevels();
        String table = levels.isEmpty() ? keys.table() : levels.substring(0, levels.indexOf('/'));
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        resources.query(new Query(table, "", after, count), new Flow.Subscriber<>() {
            private final List<Reply> found = new ArrayList<>();
            private long seen;
            private String last = "";

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                // The query itself is limited to so many rows.
                subscription.request(count);
            }

            @Override
            public void onNext(Row row) {
                seen++;
                last = row.path().id();
                String key = keys.key(row.path());
                if (pattern.matches(key)) {
                    found.add(Reply.bulk(key));
                }
            }

            @Override
            public void onError(Throwable failure) {
                reply.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                String next = "0";
                if (seen == count) {
                    next = Long.toString(++latest);
                    places.put(next, last);
                }
                reply.complete(new Reply.Items(List.of(Reply.bulk(next), new Reply.Items(found))));
            }
        });
        return reply;
    }
}
