package org.millrace.host.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for the command line. The socket is in a folder of its own that only this process's user may enter, so whoever
 * can reach it may also read and write the data's files; it asks for no further credentials.
 *
 * <p>Each conversation has a virtual thread; at most {@value #MAX_CONVERSATIONS} are had at once. Safe for use by any
 * thread.
 */
public final class ControlSocket implements AutoCloseable {
    static final String FOLDER = "control";
    static final String SOCKET = "socket";
    /** Says where the socket is if the data directory's path is too long for one (about 108 bytes on Linux). */
    static final String ELSEWHERE = "socket.path";

    private static final Logger log = LoggerFactory.getLogger(ControlSocket.class);
    private static final int MAX_CONVERSATIONS = 8;
    private static final int MAX_SOCKET_PATH = 100;
    private static final int OVERHEAD = 1 << 20;
    private static final Duration REQUEST_TIME = Duration.ofSeconds(10);
    private static final Duration END_TIME = Duration.ofSeconds(3);

    private final Path socket;
    private final Path folder;
    private final ServerSocketChannel server;
    private final Map<String, Operation> operations;
    private final int maxLine;
    private final Semaphore free = new Semaphore(MAX_CONVERSATIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private ControlSocket(
            Path folder, Path socket, ServerSocketChannel server, Map<String, Operation> operations, int maxLine) {
        this.folder = folder;
        this.socket = socket;
        this.server = server;
        this.operations = operations;
        this.maxLine = maxLine;
    }

    /**
     * Starts listening. A host whose platform has no such sockets serves all the same; a warning says what is missing.
     *
     * @param data the data directory, locked by this process
     * @param operations what can be asked for
     * @param maxContent the largest content of a record
     * @return to be closed before what the operations work on
     */
    public static AutoCloseable open(Path data, Iterable<Operation> operations, int maxContent) {
        Map<String, Operation> byName = new ConcurrentHashMap<>();
        operations.forEach(operation -> byName.put(operation.name(), operation));
        Path folder = data.toAbsolutePath().resolve(FOLDER);
        try {
            Path socket = place(folder);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(socket));
                restrict(socket, "rw-------");
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            // Base64 makes four bytes of three.
            int maxLine = (int) Math.min(Integer.MAX_VALUE - 8, maxContent * 3L / 2 + OVERHEAD);
            ControlSocket control = new ControlSocket(folder, socket, server, byName, maxLine);
            Thread.ofVirtual().name("millrace-control").start(control::accept);
            return control;
        } catch (IOException | UnsupportedOperationException e) {
            log.warn(
                    "cannot listen for the command line in {}: {}. The host serves; 'millrace backup' and the like can"
                            + " only be used while it is stopped",
                    folder,
                    e.toString());
            return () -> {};
        }
    }

    /** Makes the folder and finds a path for the socket that is short enough. */
    private static Path place(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
        }
        restrict(folder, "rwx------");
        Path socket = folder.resolve(SOCKET);
        // The directory is locked: what is there was left behind by a host that was killed.
        Files.deleteIfExists(socket);
        Files.deleteIfExists(folder.resolve(ELSEWHERE));
        if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH) {
            return socket;
        }
        Path elsewhere = Files.createTempDirectory("millrace-").resolve(SOCKET);
        Files.writeString(folder.resolve(ELSEWHERE), elsewhere.toString());
        return elsewhere;
    }

    private static void restrict(Path path, String permissions) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    private void accept() {
        while (!closed) {
            try {
                SocketChannel channel = server.accept();
                open.add(channel);
                Thread.ofVirtual().name("millrace-control-client").start(() -> serve(channel));
            } catch (IOException e) {
                if (!closed) {
                    log.warn("the control socket {} failed; restart the host to use it again", socket, e);
                }
                return;
            }
        }
    }

    private void serve(SocketChannel channel) {
        boolean admitted = free.tryAcquire();
        try (channel) {
            ControlLines lines = new ControlLines(channel, maxLine);
            try {
                if (!admitted) {
                    fail(lines, "busy", "the host has " + MAX_CONVERSATIONS + " operations under way; try again later");
                } else {
                    converse(channel, lines);
                }
            } catch (IOException e) {
                log.debug("a conversation with the command line broke off", e);
            }
        } catch (IOException e) {
            log.debug("a connection of the command line could not be closed", e);
        } finally {
            open.remove(channel);
            if (admitted) {
                free.release();
            }
        }
    }

    private void converse(SocketChannel channel, ControlLines lines) throws IOException {
        Map<String, String> request = request(channel, lines);
        String name = request.getOrDefault("operation", "");
        @Nullable Operation operation = operations.get(name);
        if (operation == null) {
            fail(
                    lines,
                    "unsupported",
                    "this host knows no operation '" + name + "', only "
                            + String.join(
                                    ", ", operations.keySet().stream().sorted().toList())
                            + "; use the command line of its own release");
            return;
        }
        log.info("{} was asked for on the command line: {}", name, request);
        try {
            Map<String, String> result = operation.run(request, new SocketExchange(lines));
            lines.write(ControlLines.RESULT, result);
            log.info("{} is done: {}", name, result);
        } catch (IOException | RuntimeException e) {
            log.warn("{} failed: {}", name, e.toString());
            log.debug("{} failed", name, e);
            fail(lines, FailureText.code(e), FailureText.of(e));
        }
    }

    private static Map<String, String> request(SocketChannel channel, ControlLines lines) throws IOException {
        Thread impatient = Thread.ofVirtual().name("millrace-control-timer").start(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(REQUEST_TIME.toNanos());
                channel.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the request came
            } catch (IOException e) {
                log.debug("a silent connection could not be closed", e);
            }
        });
        try {
            ControlLines.Line line = lines.read();
            if (line.letter() != ControlLines.REQUEST) {
                throw new IOException("a request was expected, but a line '" + line.letter() + "' came");
            }
            return line.strings();
        } finally {
            impatient.interrupt();
        }
    }

    private static void fail(ControlLines lines, String code, String message) throws IOException {
        lines.write(ControlLines.FAILURE, Map.of("code", code, "message", message));
    }

    /** Ends all conversations and removes the socket. */
    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
        for (SocketChannel channel : open) {
            channel.close();
        }
        try {
            if (!free.tryAcquire(MAX_CONVERSATIONS, END_TIME.toNanos(), TimeUnit.NANOSECONDS)) {
                log.warn("an operation of the command line is still under way; it ends when the records are closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(socket);
        if (Files.deleteIfExists(folder.resolve(ELSEWHERE))) {
            Files.deleteIfExists(socket.getParent());
        }
    }
}
