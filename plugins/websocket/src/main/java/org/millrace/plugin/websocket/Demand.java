package org.millrace.plugin.websocket;

import java.util.OptionalLong;
import org.millrace.spi.transport.DemandWindow;

/** How much of a stream may be fetched: what the client asked for, while its socket takes more. */
final class Demand {
    private final MultiplexedSession session;
    private final DemandWindow window = new DemandWindow();
    private final boolean asked;
    private long credit;

    /** Makes a demand: with a number the client asks itself, without one it takes what comes. */
    Demand(MultiplexedSession session, OptionalLong first) {
        this.session = session;
        this.asked = first.isPresent();
        this.credit = first.orElse(Long.MAX_VALUE);
    }

    /** Adds to what the client asked for. */
    void add(long n) {
        if (asked) {
            credit = credit + n < 0 ? Long.MAX_VALUE : credit + n;
        }
    }

    /** Something of this size has arrived. */
    void arrived(int size) {
        window.arrived(size);
    }

    /** How much to ask the host for now. */
    int next() {
        if (credit == 0 || !session.isWritable()) {
            return 0;
        }
        int more = window.refill(Math.max(session.streams(), 1), credit);
        if (asked) {
            credit -= more;
        }
        return more;
    }
}
