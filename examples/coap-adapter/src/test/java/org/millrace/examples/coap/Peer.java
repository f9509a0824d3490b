package org.millrace.examples.coap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.Type;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.RawData;
import org.jspecify.annotations.Nullable;

/** A client that sends single messages and does nothing on its own: it acknowledges nothing unless told to. */
final class Peer implements AutoCloseable {
    private static final int ATTEMPTS = 10;
    private static final int REPEAT_MILLIS = 1_000;

    private final InetSocketAddress server;
    private final EndpointContext context;
    private final DatagramSocket socket;
    private @Nullable Message seen;
    private int next = 1;

    Peer(InetSocketAddress server) throws IOException {
        this.server = server;
        this.context = new AddressEndpointContext(server);
        this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.setSoTimeout(10_000);
    }

    /** A confirmable request with a token of its own. */
    Request request(Code code, String path) {
        Request request = new Request(code);
        request.setDestinationContext(context);
        request.setMID(next);
        request.setToken(new Token(new byte[] {(byte) (next >> 8), (byte) next}));
        next++;
        for (String segment : path.split("/", -1)) {
            request.getOptions().addUriPath(segment);
        }
        return request;
    }

    Request get(String path) {
        return request(Code.GET, path);
    }

    Request put(String path, String json) {
        Request request = request(Code.PUT, path);
        request.getOptions().setContentFormat(50);
        request.setPayload(json);
        return request;
    }

    Request observe(String path) {
        Request request = get(path);
        request.setObserve();
        return request;
    }

    /** Sends a request, again if it seems lost, and gives the response to it. */
    Response ask(Request request) throws IOException {
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            send(request);
            if (!hearsNothing(REPEAT_MILLIS)) {
                break;
            }
        }
        Response response = receive();
        if (!response.getToken().equals(request.getToken())) {
            throw new AssertionError("this answers something else: " + response);
        }
        return response;
    }

    /** Sends a request and gives the response's code. */
    String code(Request request) throws IOException {
        return ask(request).getCode().text;
    }

    void send(Message message) throws IOException {
        if (message.getType() == null) {
            message.setType(Type.CON);
        }
        byte[] bytes = new UdpDataSerializer().getByteArray(message);
        send(bytes);
    }

    void send(byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, server));
    }

    /** The next response; empty acknowledgements are passed over. */
    Response receive() throws IOException {
        while (true) {
            Message message = receiveAny();
            if (message instanceof Response response) {
                return response;
            }
        }
    }

    Message receiveAny() throws IOException {
        Message before = seen;
        if (before != null) {
            seen = null;
            return before;
        }
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
        return new UdpDataParser().parseMessage(RawData.inbound(bytes, context, false, 0, server));
    }

    /** The next response that is not the one before once more. */
    Response receiveAfter(Response before) throws IOException {
        while (true) {
            Response response = receive();
            if (response.getMID() != before.getMID()) {
                return response;
            }
        }
    }

    /** Whether nothing comes for a while. */
    boolean hearsNothing(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            seen = receiveAny();
            return false;
        } catch (SocketTimeoutException silence) {
            return true;
        } finally {
            socket.setSoTimeout(10_000);
        }
    }

    void acknowledge(Response response) throws IOException {
        empty(Type.ACK, response);
    }

    void reject(Response response) throws IOException {
        empty(Type.RST, response);
    }

    private void empty(Type type, Response response) throws IOException {
        EmptyMessage message = new EmptyMessage(type);
        message.setDestinationContext(context);
        message.setMID(response.getMID());
        message.setToken(Token.EMPTY);
        send(message);
    }

    @Override
    public void close() {
        socket.close();
    }

    static String text(Response response) {
        return new String(response.getPayload(), CoAP.UTF8_CHARSET);
    }
}
