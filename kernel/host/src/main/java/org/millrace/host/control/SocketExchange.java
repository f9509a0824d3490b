package org.millrace.host.control;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An operation's client at the other end of a socket. */
final class SocketExchange implements Operation.Exchange {
    private final ControlLines lines;
    private boolean ended;

    SocketExchange(ControlLines lines) {
        this.lines = lines;
    }

    @Override
    public void progress(String line) throws IOException {
        String quoted = '"' + new String(JsonStringEncoder.getInstance().quoteAsString(line)) + '"';
        lines.write(ControlLines.PROGRESS, quoted.getBytes(StandardCharsets.UTF_8));
        lines.flush();
    }

    @Override
    public void output(byte[] line) throws IOException {
        lines.write(ControlLines.DATA, line);
    }

    @Override
    public byte @Nullable [] input() throws IOException {
        if (ended) {
            return null;
        }
        ControlLines.Line line = lines.read();
        if (line.letter() == ControlLines.END) {
            ended = true;
            return null;
        }
        if (line.letter() != ControlLines.DATA) {
            throw new IOException("input was expected, but a line '" + line.letter() + "' came");
        }
        return line.content();
    }
}
