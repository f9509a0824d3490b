package org.millrace.plugin.http.connection;

import java.nio.ByteBuffer;
import org.millrace.plugin.http.exchange.BodyStream;

/** A streamed body that is compressed on its way. */
final class CodedStream implements BodyStream {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final BodyStream out;
    private final ContentCoding.Encoder encoder;
    private Runnable onClose = () -> {};
    private boolean ended;

    CodedStream(BodyStream out, ContentCoding.Encoder encoder) {
        this.out = out;
        this.encoder = encoder;
        out.onClose(this::closed);
    }

    @Override
    public void write(ByteBuffer bytes) {
        if (!ended) {
            out.write(encoder.encode(bytes, false, false));
        }
    }

    @Override
    public void flush() {
        if (!ended) {
            out.write(encoder.encode(NOTHING, false, true));
        }
        out.flush();
    }

    @Override
    public boolean isWritable() {
        return out.isWritable();
    }

    @Override
    public void onWritable(Runnable listener) {
        out.onWritable(listener);
    }

    @Override
    public void onClose(Runnable listener) {
        onClose = listener;
    }

    private void closed() {
        release();
        onClose.run();
    }

    @Override
    public void end() {
        if (!ended) {
            out.write(encoder.encode(NOTHING, true, false));
            release();
        }
        out.end();
    }

    @Override
    public void abort() {
        release();
        out.abort();
    }

    private void release() {
        if (!ended) {
            ended = true;
            encoder.close();
        }
    }
}
