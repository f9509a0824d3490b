package org.millrace.distribution;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * An MQTT 3.1.1 client that never forgets its side of a session, and connects again whenever the connection breaks. It
 * keeps the protocol's rules to the letter, so that what goes wrong is the server's doing. Each runs on a thread of its
 * own.
 */
abstract class FireClient implements Runnable {
    private final String clientId;
    private final int port;
    private int sessionsFound;
    private int connections;
    private volatile String failure = "";

    FireClient(String clientId, int port) {
        this.clientId = clientId;
        this.port = port;
    }

    /** One connection's two ends. */
    record Line(Socket socket, DataInputStream in, OutputStream out) {
        void send(int first, byte[] body) throws IOException {
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            packet.write(first);
            int rest = body.length;
            do {
                packet.write(rest > 127 ? rest & 127 | 128 : rest);
                rest >>>= 7;
            } while (rest > 0);
            packet.writeBytes(body);
            out.write(packet.toByteArray());
        }

        void acknowledge(int first, int packetId) throws IOException {
            send(first, new byte[] {(byte) (packetId >> 8), (byte) packetId});
        }

        Packet read() throws IOException {
            out.flush();
            int first = in.readUnsignedByte();
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.readUnsignedByte();
                length |= (digit & 127) << shift;
                shift += 7;
            } while (digit > 127);
            return new Packet(first, in.readNBytes(length));
        }
    }

    /** A packet from the server. */
    record Packet(int first, byte[] body) {
        int type() {
            return first >> 4;
        }

        int packetId(int at) {
            return (body[at] & 255) << 8 | body[at + 1] & 255;
        }
    }

    /** Whether all is done. */
    abstract boolean isDone();

    /** Goes on with the session; returns when all is done, or fails when the connection breaks. */
    abstract void serve(Line line) throws IOException;

    static byte[] body(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    @Override
    public final void run() {
        try {
            while (!isDone()) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    serve(connect(socket));
                } catch (IOException e) {
                    TimeUnit.MILLISECONDS.sleep(20); // the network is cut, or the server away: again
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = clientId + ": " + e;
        }
    }

    final Line connect(Socket socket) throws IOException {
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        Line line = new Line(
                socket,
                new DataInputStream(new BufferedInputStream(socket.getInputStream())),
                new BufferedOutputStream(socket.getOutputStream()));
        line.send(0x10, body(out -> {
            out.writeUTF("MQTT");
            out.writeByte(4);
            out.writeByte(0);
            out.writeShort(60);
            out.writeUTF(clientId);
        }));
        Packet connack = line.read();
        if (connack.first() != 0x20 || connack.body()[1] != 0) {
            throw new IOException("refused");
        }
        boolean present = connack.body()[0] == 1;
        connections++;
        if (present) {
            sessionsFound++;
        } else if (sessionsFound > 0) {
            throw new IllegalStateException("the session is lost at connection " + connections);
        }
        return line;
    }

    /** Publishes numbers to a topic, in order, some at a time. */
    static byte[] publish(String topic, int packetId, int number) {
        return body(out -> {
            out.writeUTF(topic);
            out.writeShort(packetId);
            out.write(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
        });
    }

    String failure() {
        return failure;
    }

    int connections() {
        return connections;
    }
}
