package org.millrace.plugin.http.bulk;

import java.nio.ByteBuffer;
import org.millrace.plugin.http.exchange.BodyMemory;

/** Cuts NDJSON: an item a line, blank lines apart. The last one needs no line feed. */
public final class LineCutter extends ItemCutter {
    private long line = 1;

    /**
     * Begins.
     *
     * @param sink takes the lines
     * @param longest how many bytes a line may have
     * @param memory where room for a long one is taken from
     */
    public LineCutter(Sink sink, int longest, BodyMemory.Share memory) {
        super(sink, longest, memory);
    }

    @Override
    public void take(ByteBuffer part) {
        while (part.hasRemaining()) {
            byte b = part.get();
            if (b == '\n') {
                endLine();
                line++;
            } else if (!isEmpty() || b != ' ' && b != '\t' && b != '\r') {
                add(b);
            }
        }
    }

    private void endLine() {
        if (!isEmpty()) {
            give(line);
        }
    }

    @Override
    public void end() {
        endLine();
    }
}
