package org.millrace.host.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The command line's end of a host's control socket: one connection for one operation. Used by one thread. */
public final class ControlClient implements AutoCloseable {
    private static final int MAX_LINE = Integer.MAX_VALUE - 8;
    private static final JsonFactory JSON = new JsonFactory();

    private final SocketChannel channel;
    private final ControlLines lines;

    private ControlClient(SocketChannel channel) {
        this.channel = channel;
        this.lines = new ControlLines(channel, MAX_LINE);
    }

    /**
     * Connects to the host that runs on a data directory.
     *
     * @param data the directory
     * @return empty if no host listens there, as none is running
     * @throws IOException if one does and this user may not reach it
     */
    public static Optional<ControlClient> connect(Path data) throws IOException {
        Path folder = data.toAbsolutePath().resolve(ControlSocket.FOLDER);
        if (!Files.exists(folder)) {
            return Optional.empty();
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw new IOException("only the user that runs the host may enter " + folder + ". Run this as that user");
        }
        Path elsewhere = folder.resolve(ControlSocket.ELSEWHERE);
        Path socket =
                Files.exists(elsewhere) ? Path.of(Files.readString(elsewhere)) : folder.resolve(ControlSocket.SOCKET);
        if (!Files.exists(socket)) {
            return Optional.empty();
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return Optional.of(new ControlClient(channel));
        } catch (IOException e) {
            // Left behind by a host that was killed.
            channel.close();
            return Optional.empty();
        }
    }

    /**
     * Has the host do something. Blocks until it is done.
     *
     * @param operation its name
     * @param arguments its arguments
     * @param hasInput whether it takes lines of input
     * @param exchange where progress and output go, and input comes from; input is taken on a thread of its own
     * @return what came of it
     * @throws OperationFailedException why it was not done
     * @throws IOException if the host is gone, or the exchange fails
     */
    public Map<String, String> run(
            String operation, Map<String, String> arguments, boolean hasInput, Operation.Exchange exchange)
            throws IOException {
        Map<String, String> request = new LinkedHashMap<>(arguments);
        request.put("operation", operation);
        lines.write(ControlLines.REQUEST, request);
        @Nullable Feeder feeder = hasInput ? new Feeder(exchange) : null;
        if (feeder != null) {
            Thread.ofPlatform().name("millrace-input").daemon().start(feeder);
        }
        try {
            while (true) {
                ControlLines.Line line = lines.read();
                switch (line.letter()) {
                    case ControlLines.PROGRESS -> exchange.progress(text(line.content()));
                    case ControlLines.DATA -> exchange.output(line.content());
                    case ControlLines.RESULT -> {
                        return line.strings();
                    }
                    case ControlLines.FAILURE ->
                        throw new OperationFailedException(line.strings().getOrDefault("message", "it failed"));
                    default -> throw new IOException("the host sent a line '" + line.letter() + "'");
                }
            }
        } catch (IOException e) {
            if (feeder != null && feeder.failure != null) {
                e.addSuppressed(feeder.failure);
                throw feeder.failure;
            }
            throw e;
        }
    }

    private static String text(byte[] content) throws IOException {
        try (JsonParser json = JSON.createParser(content)) {
            String text = json.nextTextValue();
            return text == null ? "" : text;
        }
    }

    /** Sends the input. If it fails, the connection is closed, so that the host does not take the rest for all. */
    private final class Feeder implements Runnable {
        private final Operation.Exchange from;
        private volatile @Nullable IOException failure;

        Feeder(Operation.Exchange from) {
            this.from = from;
        }

        @Override
        public void run() {
            try {
                for (byte[] line = from.input(); line != null; line = from.input()) {
                    lines.write(ControlLines.DATA, line);
                }
                lines.write(ControlLines.END, new byte[0]);
                lines.flush();
            } catch (IOException e) {
                // If the host has ended the operation, its own answer is on the way and says why.
                if (!isHostGone(e)) {
                    failure = e;
                    closeChannel();
                }
            }
        }

        private boolean isHostGone(IOException e) {
            String message = String.valueOf(e.getMessage());
            return message.contains("Broken pipe") || message.contains("reset") || !channel.isOpen();
        }

        private void closeChannel() {
            try {
                channel.close();
            } catch (IOException e) {
                if (failure != null) {
                    failure.addSuppressed(e);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
