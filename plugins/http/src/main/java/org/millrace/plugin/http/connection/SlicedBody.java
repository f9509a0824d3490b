package org.millrace.plugin.http.connection;

import java.nio.ByteBuffer;
import org.millrace.plugin.http.exchange.BodyStream;

/** Sends a large body part by part, as the socket takes it. */
final class SlicedBody {
    private static final int SLICE = 64 * 1024;

    private final BodyStream out;
    private final ByteBuffer body;
    private boolean ended;

    SlicedBody(BodyStream out, ByteBuffer body) {
        this.out = out;
        this.body = body.duplicate();
        out.onWritable(this::run);
    }

    void run() {
        while (body.hasRemaining() && out.isWritable()) {
            int n = Math.min(SLICE, body.remaining());
            out.write(body.slice(body.position(), n));
            body.position(body.position() + n);
            out.flush();
        }
        if (!body.hasRemaining() && !ended) {
            ended = true;
            out.end();
        }
    }
}
