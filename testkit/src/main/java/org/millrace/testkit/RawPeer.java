package org.millrace.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntSupplier;

/**
 * A client that sends exact bytes and expects exact bytes. Text is one byte a character (ISO 8859-1), so that any byte
 * can be written in it. Every wait ends with an {@link AssertionError} at the deadline, which shows what did arrive.
 * For one thread.
 */
public final class RawPeer implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private Duration deadline = Duration.ofSeconds(10);
    private byte newest;

    private RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Connects.
     *
     * @param address where to
     * @return the peer, to be closed
     */
    public static RawPeer connect(InetSocketAddress address) {
        return connect(address, 0);
    }

    /**
     * Connects with a small receive window, to be a slow reader.
     *
     * @param address where to
     * @param receiveBuffer bytes; 0 for the system's usual
     * @return the peer, to be closed
     */
    public static RawPeer connect(InetSocketAddress address, int receiveBuffer) {
        try {
            Socket socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setTcpNoDelay(true);
            socket.connect(address, 10_000);
            return new RawPeer(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to " + address, e);
        }
    }

    /**
     * How long each wait may take; 10 seconds unless this is called.
     *
     * @param value the deadline of each wait from now on
     * @return this peer
     */
    public RawPeer within(Duration value) {
        deadline = value;
        return this;
    }

    /**
     * Sends bytes.
     *
     * @param bytes what
     * @return this peer
     */
    public RawPeer send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("the other side takes no more", e);
        }
    }

    /**
     * Sends text.
     *
     * @param text one byte a character
     * @return this peer
     */
    public RawPeer send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Sends bytes written in hexadecimal.
     *
     * @param hex pairs of digits; spaces are skipped
     * @return this peer
     */
    public RawPeer sendHex(String hex) {
        return send(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    /**
     * Reads exactly so many bytes.
     *
     * @param n how many
     * @return the bytes
     */
    public byte[] read(int n) {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        collect(seen, () -> n - seen.size(), n + " bytes");
        return seen.toByteArray();
    }

    /**
     * Expects these bytes next.
     *
     * @param expected the bytes
     * @return this peer
     */
    public RawPeer expect(byte[] expected) {
        byte[] seen = read(expected.length);
        if (!Arrays.equals(seen, expected)) {
            throw new AssertionError("expected " + shown(expected) + " but got " + shown(seen));
        }
        return this;
    }

    /**
     * Expects this text next.
     *
     * @param expected one byte a character
     * @return this peer
     */
    public RawPeer expect(String expected) {
        return expect(expected.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Expects bytes written in hexadecimal next.
     *
     * @param hex pairs of digits; spaces are skipped
     * @return this peer
     */
    public RawPeer expectHex(String hex) {
        return expect(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    /**
     * Reads until a text has come.
     *
     * @param end one byte a character, not empty
     * @return everything read, with the text at its end
     */
    public String readUntil(String end) {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        byte[] last = end.getBytes(StandardCharsets.ISO_8859_1);
        byte[] tail = new byte[last.length];
        while (!Arrays.equals(tail, last) || seen.size() < last.length) {
            int before = seen.size();
            collect(seen, () -> before + 1 - seen.size(), "text ending with '" + end + "'");
            System.arraycopy(tail, 1, tail, 0, tail.length - 1);
            tail[tail.length - 1] = newest;
        }
        return seen.toString(StandardCharsets.ISO_8859_1);
    }

    /**
     * Reads until the other side closes.
     *
     * @return everything read
     */
    public String readAll() {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        long end = System.nanoTime() + deadline.toNanos();
        byte[] buffer = new byte[8192];
        while (true) {
            int n = readSome(buffer, buffer.length, end, seen, "the end of the connection");
            if (n < 0) {
                return seen.toString(StandardCharsets.ISO_8859_1);
            }
            seen.write(buffer, 0, n);
        }
    }

    /**
     * Expects that the other side closes without sending more.
     *
     * @return this peer
     */
    public RawPeer expectClosed() {
        String rest = readAll();
        if (!rest.isEmpty()) {
            throw new AssertionError("expected the connection to end but got '" + rest + "'");
        }
        return this;
    }

    /**
     * Expects that nothing comes for a while. The only wait here that always lasts; use it sparingly.
     *
     * @param quiet how long
     * @return this peer
     */
    public RawPeer expectSilence(Duration quiet) {
        try {
            socket.setSoTimeout((int) quiet.toMillis());
            int b = in.read();
            throw new AssertionError(b < 0 ? "the connection ended" : "expected silence but got byte " + b);
        } catch (SocketTimeoutException e) {
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends this side's sending; reading goes on.
     *
     * @return this peer
     */
    public RawPeer halfClose() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes with a reset, as a client that died does. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void collect(ByteArrayOutputStream seen, IntSupplier missing, String what) {
        long end = System.nanoTime() + deadline.toNanos();
        byte[] buffer = new byte[4096];
        for (int want = missing.getAsInt(); want > 0; want = missing.getAsInt()) {
            int n = readSome(buffer, Math.min(want, buffer.length), end, seen, what);
            if (n < 0) {
                throw new AssertionError(
                        "expected " + what + " but the connection ended after " + shown(seen.toByteArray()));
            }
            seen.write(buffer, 0, n);
            newest = buffer[n - 1];
        }
    }

    private int readSome(byte[] buffer, int max, long end, ByteArrayOutputStream seen, String what) {
        try {
            long left = Math.max(1, (end - System.nanoTime()) / 1_000_000);
            socket.setSoTimeout((int) left);
            return in.read(buffer, 0, max);
        } catch (SocketTimeoutException e) {
            throw new AssertionError(
                    "expected " + what + " within " + deadline + " but got only " + shown(seen.toByteArray()), e);
        } catch (java.net.SocketException e) {
            return -1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shown(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 512));
        return "'" + new String(bytes, StandardCharsets.ISO_8859_1) + "' (" + hex + ")";
    }
}
