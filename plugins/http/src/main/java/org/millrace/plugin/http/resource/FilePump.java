package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.BodyStream;
import org.millrace.plugin.http.exchange.Exchange;

/** Sends a file part by part: one is read when the socket has taken the one before. Used on the event loop only. */
final class FilePump {
    /** How much is read at a time. */
    static final int PART = 64 * 1024;

    private final StaticFiles files;
    private final Path file;
    private final int end;
    private final Exchange exchange;
    private int at;
    private boolean reading;
    private boolean closed;
    private @Nullable BodyStream out;

    FilePump(StaticFiles files, Path file, int from, int length, Exchange exchange) {
        this.files = files;
        this.file = file;
        this.at = from;
        this.end = from + length;
        this.exchange = exchange;
    }

    void run(BodyStream body, ByteBuffer first) {
        out = body;
        body.onWritable(this::goOn);
        body.onClose(() -> closed = true);
        reading = true;
        send(first);
    }

    private void send(ByteBuffer bytes) {
        reading = false;
        BodyStream body = out;
        if (closed || body == null) {
            return;
        }
        if (!bytes.hasRemaining()) {
            // The file has become shorter: what was promised cannot be given.
            closed = true;
            body.abort();
            return;
        }
        at += bytes.remaining();
        body.write(bytes);
        body.flush();
        if (at >= end) {
            closed = true;
            body.end();
        } else {
            goOn();
        }
    }

    private void goOn() {
        if (!closed && !reading && out != null && out.isWritable()) {
            reading = true;
            files.read(file, at, Math.min(PART, end - at), this::send, exchange);
        }
    }
}
