package org.millrace.plugin.websocket;

import java.util.OptionalLong;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.websocket.envelope.FieldWriter;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/** The rows of one query of a connection. */
final class RowStream implements Flow.Subscriber<Row>, Stream {
    private final MultiplexedSession session;
    private final WireFormat format;
    private final Object id;
    private final Demand demand;
    private Flow.@Nullable Subscription rows;
    private boolean closed;
    private long count;

    RowStream(MultiplexedSession session, WireFormat format, Object id, OptionalLong first) {
        this.session = session;
        this.format = format;
        this.id = id;
        this.demand = new Demand(session, first);
    }

    /** Asks, unless the client has closed the query meanwhile. */
    void start(Resources view, Query query) {
        if (!closed) {
            view.query(query, this);
        }
    }

    private FieldWriter head(String event) {
        return new FieldWriter(format).id("sub", id).text("event", event);
    }

    @Override
    public void flow() {
        Flow.Subscription from = rows;
        int more = from == null || closed ? 0 : demand.next();
        if (from != null && more > 0) {
            from.request(more);
        }
    }

    @Override
    public void request(long n) {
        demand.add(n);
        flow();
    }

    @Override
    public void close() {
        closed = true;
        if (rows != null) {
            rows.cancel();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        rows = subscription;
        if (closed) {
            subscription.cancel();
        } else {
            flow();
        }
    }

    @Override
    public void onNext(Row row) {
        if (closed) {
            return;
        }
        count++;
        FieldWriter fields = head("row").text("path", row.path().toString());
        if (!row.version().equals(Version.NONE)) {
            fields.text("etag", row.version().toString());
        }
        demand.arrived(session.sink().add(fields.content(row.content()).done(), MessageSink.NOTHING));
        session.flushSoon();
        flow();
    }

    @Override
    public void onError(Throwable failure) {
        if (closed) {
            return;
        }
        closed = true;
        session.ended(id);
        ResourceException reason = session.explain("query", failure);
        session.sink()
                .add(head("closed")
                        .map("error", MultiplexedSession.error(format, reason))
                        .done());
        session.flushSoon();
    }

    @Override
    public void onComplete() {
        if (closed) {
            return;
        }
        closed = true;
        session.ended(id);
        session.sink().add(head("done").integer("rows", count).done());
        session.flushSoon();
    }
}
