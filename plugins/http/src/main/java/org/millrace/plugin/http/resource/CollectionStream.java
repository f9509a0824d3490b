package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.spi.resource.Row;

/**
 * Sends rows as they come, and asks for more only while the socket takes them: at most {@link #WINDOW} rows are on their
 * way for a client that stops reading. The head waits for the first row, so that a malformed query is still answered
 * with a problem. Everything runs on the connection's event loop.
 */
final class CollectionStream implements Flow.Subscriber<Row> {
    private static final int WINDOW = 16;

    private final Exchange exchange;
    private final Answer head;
    private final RowFormat format;

    private Flow.@Nullable Subscription rows;
    private @Nullable BodyStream body;
    private int outstanding;
    private boolean ended;

    CollectionStream(Exchange exchange, Answer head, RowFormat format) {
        this.exchange = exchange;
        this.head = head;
        this.format = format;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        rows = subscription;
        ask(subscription);
    }

    private void ask(Flow.Subscription subscription) {
        outstanding = WINDOW;
        subscription.request(WINDOW);
    }

    @Override
    public void onNext(Row row) {
        if (ended) {
            return;
        }
        BodyStream out;
        try {
            ByteBuffer bytes = format.row(row, body == null);
            out = begun();
            out.write(bytes);
        } catch (RuntimeException e) {
            if (rows != null) {
                rows.cancel();
            }
            onError(e);
            return;
        }
        outstanding--;
        if (outstanding == 0) {
            out.flush();
            askIfWritable();
        }
    }

    private void askIfWritable() {
        if (!ended && outstanding == 0 && body != null && body.isWritable() && rows != null) {
            ask(rows);
        }
    }

    private BodyStream begun() {
        BodyStream out = body;
        if (out == null) {
            out = exchange.stream(head);
            body = out;
            out.onWritable(this::askIfWritable);
            out.onClose(this::cancel);
        }
        return out;
    }

    private void cancel() {
        ended = true;
        if (rows != null) {
            rows.cancel();
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        if (body == null) {
            exchange.fail(failure);
        } else {
            body.abort();
        }
    }

    @Override
    public void onComplete() {
        if (ended) {
            return;
        }
        boolean empty = body == null;
        BodyStream out = begun();
        ended = true;
        out.write(format.end(empty));
        out.end();
    }
}
