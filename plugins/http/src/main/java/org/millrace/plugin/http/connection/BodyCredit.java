package org.millrace.plugin.http.connection;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Bounds what the bodies coming over one HTTP/2 connection hold of memory, by flow control. While they hold little, each
 * may be sent on as it comes. Beyond that only the oldest gets leave to go on, so that it completes; the others stop at
 * the window of their stream. Since the connection's window is as large as those of all streams together, a body that
 * waits does not hold up the oldest. Used on the event loop only.
 */
final class BodyCredit {
    /** Up to this much is held without a thought. */
    private static final int FREE = 4 * 1024 * 1024;

    private final Set<Http2Exchange> receiving = new LinkedHashSet<>();
    private long held;

    /** Counts what has come of a body; how much of it the client may send anew. */
    int came(Http2Exchange exchange, int bytes) {
        receiving.add(exchange);
        exchange.received += bytes;
        held += bytes;
        if (mayGoOn(exchange)) {
            return bytes;
        }
        exchange.withheld += bytes;
        return 0;
    }

    private boolean mayGoOn(Http2Exchange exchange) {
        return exchange.isBodyWanted() && (held <= FREE || receiving.iterator().next() == exchange);
    }

    /** A body is complete, or will be thrown away: what it held counts no more, and others may go on. */
    void ended(Http2Exchange exchange) {
        if (receiving.remove(exchange)) {
            held -= exchange.received;
            exchange.received = 0;
            exchange.grant();
            goOn();
        }
    }

    /** Gives leave to those that may have it now. */
    void goOn() {
        Iterator<Http2Exchange> each = receiving.iterator();
        boolean oldest = true;
        while (each.hasNext() && (oldest || held <= FREE)) {
            Http2Exchange exchange = each.next();
            if (exchange.isBodyWanted()) {
                exchange.grant();
            }
            oldest = false;
        }
    }

    Iterable<Http2Exchange> receiving() {
        return receiving;
    }
}
