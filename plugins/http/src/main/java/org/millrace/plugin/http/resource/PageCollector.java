package org.millrace.plugin.http.resource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.spi.resource.Row;

/**
 * Gathers one page of a collection, so that its head can name the next ({@code Link}, RFC 8288). A page ends with its
 * number of rows or when it has grown to {@link #FULL}; whether another follows is known by one more row. Everything runs
 * on the connection's event loop.
 */
final class PageCollector implements Flow.Subscriber<Row> {
    private static final int FULL = 1024 * 1024;

    private final Exchange exchange;
    private final Answer answer;
    private final RowFormat format;
    private final Page page;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription rows;
    private String lastId = "";
    private int count;
    private boolean ended;

    PageCollector(Exchange exchange, Answer answer, RowFormat format, Page page) {
        this.exchange = exchange;
        this.answer = answer;
        this.format = format;
        this.page = page;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        rows = subscription;
        subscription.request(page.limit() + 2L);
    }

    @Override
    public void onNext(Row row) {
        if (ended || rows == null) {
            return;
        }
        // A record without an id cannot be named as the last: the page takes one more.
        boolean full = (count >= page.limit() || body.size() >= FULL) && !lastId.isEmpty();
        if (full) {
            answer.field("Link", "<" + exchange.requestTarget().path() + "?" + page.next(lastId) + ">; rel=\"next\"");
            rows.cancel();
            onComplete();
            return;
        }
        try {
            ByteBuffer bytes = format.row(row, count == 0);
            body.write(bytes.array(), bytes.position(), bytes.remaining());
        } catch (RuntimeException e) {
            rows.cancel();
            onError(e);
            return;
        }
        count++;
        lastId = row.path().id();
    }

    @Override
    public void onError(Throwable failure) {
        if (!ended) {
            ended = true;
            exchange.fail(failure);
        }
    }

    @Override
    public void onComplete() {
        if (ended) {
            return;
        }
        ended = true;
        ByteBuffer end = format.end(count == 0);
        body.write(end.array(), end.position(), end.remaining());
        exchange.send(answer.body(format.contentType(), ByteBuffer.wrap(body.toByteArray())));
    }
}
