package org.millrace.host.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.millrace.host.control.Operation;

/** An operation whose output goes to a file or standard output, and whose progress goes to standard error. */
final class ConsoleExchange implements Operation.Exchange {
    private static final int MAX_LINE = 256 << 20;
    private static final int BUFFER = 1 << 16;

    private final PrintWriter err;
    private final @Nullable OutputStream out;
    private final @Nullable InputStream in;

    ConsoleExchange(PrintWriter err, @Nullable OutputStream out, @Nullable InputStream in) {
        this.err = err;
        this.out = out == null ? null : new BufferedOutputStream(out, BUFFER);
        this.in = in == null ? null : new BufferedInputStream(in, BUFFER);
    }

    @Override
    public void progress(String line) {
        err.println(line);
        err.flush();
    }

    @Override
    public void output(byte[] line) throws IOException {
        if (out == null) {
            throw new IOException("the operation gives output, and there is nowhere for it to go");
        }
        out.write(line);
        out.write('\n');
    }

    void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    @Override
    public byte @Nullable [] input() throws IOException {
        if (in == null) {
            throw new IOException("the operation asks for input, and there is none");
        }
        byte[] line = new byte[1_024];
        int length = 0;
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (length == MAX_LINE) {
                throw new IOException("a line of the input has more than " + (MAX_LINE >> 20) + " MiB");
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = (byte) b;
        }
        return Arrays.copyOf(line, length);
    }
}
