package org.millrace.plugin.mqtt;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A 3.1.1 client with a lasting session that receives at QoS 2 as the specification says (section 4.3.3, method A), and
 * remembers what is under way from one connection to the next. Used by the test's thread.
 */
final class Qos2Device {
    private final String clientId;
    private final List<String> delivered = new CopyOnWriteArrayList<>();
    private final Set<Integer> underWay = new HashSet<>();
    private @Nullable Socket socket;
    private @Nullable Thread reader;

    Qos2Device(String clientId) {
        this.clientId = clientId;
    }

    /** What was handed to the application, in order. */
    List<String> delivered() {
        return delivered;
    }

    /** Connects, and subscribes if there is no session. */
    void connect(InetSocketAddress address, String filter) throws IOException {
        Socket opened = new Socket(address.getAddress(), address.getPort());
        socket = opened;
        opened.setSoTimeout(20_000);
        DataInputStream in = new DataInputStream(opened.getInputStream());
        send(opened, Packets.connect4(clientId, 0));
        boolean present = next(in).body()[0] == 1;
        if (!present) {
            underWay.clear();
            send(opened, Packets.subscribe4(1, filter, 2));
            if (next(in).type() != 9) {
                throw new IOException("no SUBACK");
            }
        }
        opened.setSoTimeout(0);
        reader = Thread.ofVirtual().start(() -> receive(opened, in));
    }

    /** Breaks the connection; what has not been read is lost. */
    void breakOff() throws IOException, InterruptedException {
        if (socket != null && reader != null) {
            socket.close();
            reader.join();
        }
    }

    private record Packet(int type, byte[] body) {}

    private static Packet next(DataInputStream in) throws IOException {
        int first = in.readUnsignedByte();
        byte[] body = new byte[in.readUnsignedByte()]; // all packets here are short
        in.readFully(body);
        return new Packet(first >> 4, body);
    }

    private static void send(Socket to, byte[] packet) throws IOException {
        to.getOutputStream().write(packet);
    }

    private void receive(Socket from, DataInputStream in) {
        try {
            while (true) {
                answer(from, next(in));
            }
        } catch (IOException e) {
            // The connection is over; the test goes by what was delivered.
        }
    }

    private void answer(Socket to, Packet packet) throws IOException {
        ByteBuffer body = ByteBuffer.wrap(packet.body());
        if (packet.type() == 3) {
            byte[] topic = new byte[body.getShort()];
            body.get(topic);
            int packetId = body.getShort();
            if (underWay.add(packetId)) {
                delivered.add(StandardCharsets.UTF_8.decode(body).toString());
            }
            send(to, Packets.acknowledgement(0x50, packetId));
        } else if (packet.type() == 6) {
            int packetId = body.getShort();
            underWay.remove(packetId);
            send(to, Packets.acknowledgement(0x70, packetId));
        }
    }
}
