package org.millrace.distribution;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A network of a test's own, with nothing in it but a loopback and what is put there. It has no name: a process that waits
 * for the end of its input holds it, so that it goes away with this process, however that ends, and with those that were
 * started in it. Needs root. Safe for use by any thread.
 */
final class NetworkNamespace implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_AND_CLOSE_ON_EXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private final Process holder;

    /** One thread that is in the namespace; a socket stays where the thread was that made it. */
    private final ExecutorService inside = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("in-namespace").daemon().factory());

    private NetworkNamespace(Process holder) {
        this.holder = holder;
    }

    /**
     * Makes one.
     *
     * @throws IOException if this machine does not allow that
     */
    static NetworkNamespace create() throws IOException {
        Process holder = new ProcessBuilder("unshare", "--net", "cat")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        NetworkNamespace made = new NetworkNamespace(holder);
        try {
            awaitAnswer(holder);
            made.run("ip", "link", "set", "lo", "up");
            made.onThreadInside(() -> {
                Native.enter(made.path());
                return true;
            });
            return made;
        } catch (IOException e) {
            made.close();
            throw e;
        }
    }

    /** Waits until the process is where it is to be. */
    private static void awaitAnswer(Process holder) throws IOException {
        String answer = null;
        try {
            holder.outputWriter().append("there\n").flush();
            answer = holder.inputReader().readLine();
        } catch (IOException e) {
            // It has ended before it could read.
        }
        if (answer == null) {
            throw new IOException("unshare has ended with exit code " + ended(holder));
        }
    }

    private static int ended(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private String path() {
        return "/proc/" + holder.pid() + "/ns/net";
    }

    /** What the command of a process that is to run inside is to be preceded by. */
    List<String> within() {
        return List.of("nsenter", "--net=" + path(), "--");
    }

    /** Connects to a port of the loopback inside. */
    Socket connect(int port) throws IOException {
        return onThreadInside(() -> {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            } catch (IOException e) {
                socket.close();
                throw e;
            }
            return socket;
        });
    }

    /**
     * Lays a line to another namespace: a pair of interfaces, both up.
     *
     * @param here the interface's name here, and its address with the length of the prefix
     * @param there those in the other
     */
    void join(NetworkNamespace other, End here, End there) throws IOException {
        String pid = Long.toString(other.holder.pid());
        run("ip", "link", "add", here.name(), "type", "veth", "peer", "name", there.name(), "netns", pid);
        run("ip", "addr", "add", here.address(), "dev", here.name());
        other.run("ip", "addr", "add", there.address(), "dev", there.name());
        run("ip", "link", "set", here.name(), "up");
        other.run("ip", "link", "set", there.name(), "up");
    }

    /** An end of a line. */
    record End(String name, String address) {}

    /** Runs a command inside to its end; a failure if it fails. */
    void run(String... command) throws IOException {
        List<String> all = new ArrayList<>(within());
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int code = ended(process);
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ends with exit code " + code + ": " + said);
        }
    }

    private <T> T onThreadInside(Callable<T> task) throws IOException {
        try {
            return inside.submit(task).get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        inside.shutdown();
        holder.destroyForcibly();
        try {
            if (!holder.waitFor(10, TimeUnit.SECONDS)) {
                throw new AssertionError("the process that holds a network does not end: " + holder.pid());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What Java has no call for. */
    @SuppressWarnings("restricted") // tests are allowed native access
    private static final class Native {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final MethodHandle OPEN = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("open"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        private static final MethodHandle SETNS = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("setns"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        private static final MethodHandle CLOSE = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("close"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        /** Takes this thread, for the rest of its life, to a network namespace. */
        static void enter(String path) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment name = arena.allocateFrom(path);
                int file = (int) OPEN.invokeExact(name, READ_AND_CLOSE_ON_EXEC);
                int entered = file < 0 ? -1 : (int) SETNS.invokeExact(file, CLONE_NEWNET);
                if (file >= 0) {
                    var _ = (int) CLOSE.invokeExact(file);
                }
                if (entered != 0) {
                    throw new IOException("cannot enter " + path);
                }
            } catch (IOException | RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e); // none of these functions throws anything
            }
        }
    }
}
