package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.spi.resource.Row;

/**
 * Sends rows as they come, and asks for more only while the socket takes them. The window of rows that are on their way
 * for a client that stops reading begins small and grows while rows prove to be so. The head waits for the first row, so that a malformed query is still answered
 * with a problem. Everything runs on the connection's event loop.
 */
final class CollectionStream implements Flow.Subscriber<Row> {
    private static final int FIRST_WINDOW = 16;
    private static final int LARGEST_WINDOW = 256;
    /** A window that has filled less than this may be twice as large the next time. */
    private static final int SMALL = 32 * 1024;

    private final Exchange exchange;
    private final Answer head;
    private final RowFormat format;

    private Flow.@Nullable Subscription rows;
    private @Nullable BodyStream body;
    private int window = FIRST_WINDOW;
    private int windowBytes;
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
        outstanding = window;
        windowBytes = 0;
        subscription.request(window);
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
            windowBytes += bytes.remaining();
            if (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (RuntimeException e) {
            if (rows != null) {
                rows.cancel();
            }
            onError(e);
            return;
        }
        outstanding--;
        if (outstanding == 0) {
            window = windowBytes < SMALL ? Math.min(LARGEST_WINDOW, 2 * window) : FIRST_WINDOW;
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
        ByteBuffer end = format.end(empty);
        if (end.hasRemaining()) {
            out.write(end);
        }
        out.end();
    }
}
