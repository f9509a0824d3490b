package org.millrace.plugin.http.bulk;

import java.nio.ByteBuffer;

/** Cuts NDJSON: an item a line, blank lines apart. The last one needs no line feed. */
public final class LineCutter extends ItemCutter {
    private long line = 1;

    /**
     * Begins.
     *
     * @param sink takes the lines
     * @param longest how many bytes a line may have
     */
    public LineCutter(Sink sink, int longest) {
        super(sink, longest);
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
