package org.millrace.plugin.amqp;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.impl.ClientDeliveryState;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.contract.PluginContract;
import org.millrace.testkit.contract.ProtocolClient;

/** The contract of all plugins, spoken in AMQP 1.0. The terms are outcomes, with their conditions. */
class AmqpPluginContractTest extends PluginContract {
    private static final String HEADER = "414d515000010000";
    private static final String OPEN = "005310 c0 04 01 a10161";
    private static final String BEGIN = "005311 c0 0a 04 40 43 707fffffff 52ff";
    /** A receiver of {@code t/#} from the present state on, which is sent settled. */
    private static final String ATTACH = "005312 c0 4c 07 a10172 43 41 5001 5000"
            + " 005328 c0 39 08 a103742f23 40 40 40 40 40 40 c1 2b 02 a30e%s 00a30e%s a107%s 00532945"
                    .formatted(hex("millrace:start"), hex("millrace:start"), hex("current"));
    /** Ten thousand credits for it. */
    private static final String FLOW = "005313 c0 11 07 43 707fffffff 43 52ff 43 43 7000002710";

    private static final String SASL_HEADER = "414d515003010000";
    private static final String SASL_ANONYMOUS = "005341 c0 0c 01 a309414e4f4e594d4f5553";
    private static final String SASL_OUTCOME = "\0SD\u00c0\u0003\u0001P";

    /** The client that writes is another maker's; what reads nothing is a socket, since clients read on by themselves. */
    private static final class Writer implements ProtocolClient {
        private final InetSocketAddress address;
        private final Client client = Client.create();
        private final Connection connection;
        private @Nullable RawPeer reader;

        Writer(InetSocketAddress address) throws Exception {
            this.address = address;
            ConnectionOptions options = new ConnectionOptions();
            options.reconnectEnabled(false);
            connection = client.connect("127.0.0.1", address.getPort(), options)
                    .openFuture()
                    .get(10, TimeUnit.SECONDS);
        }

        @Override
        public String put(String path, String json) throws Exception {
            try (Sender sender = connection.openSender(path)) {
                DeliveryState state = sender.send(Message.create(json).annotation("x-opt-millrace-op", "put"))
                        .awaitSettlement(10, TimeUnit.SECONDS)
                        .remoteState();
                return state instanceof ClientDeliveryState.ClientRejected rejected
                        ? rejected.getType() + " " + rejected.getCondition()
                        : String.valueOf(state.getType());
            }
        }

        @Override
        public void askForAllAndReadNothing(String table) {
            reader = RawPeer.connect(address, 16_384)
                    .sendHex(HEADER)
                    .send(frame(0, OPEN))
                    .send(frame(0, BEGIN))
                    .send(frame(0, ATTACH))
                    .send(frame(0, FLOW));
        }

        @Override
        public void close() {
            if (reader != null) {
                reader.close();
            }
            client.close();
        }
    }

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] frame(int type, String performative) {
        byte[] body = HexFormat.of().parseHex(performative.replace(" ", ""));
        byte[] frame = new byte[8 + body.length];
        frame[3] = (byte) frame.length;
        frame[4] = 2;
        frame[5] = (byte) type;
        System.arraycopy(body, 0, frame, 8, body.length);
        return frame;
    }

    @Override
    protected String pluginId() {
        return "amqp";
    }

    @Override
    protected Class<? extends Plugin> pluginClass() {
        return AmqpPlugin.class;
    }

    @Override
    protected ProtocolClient connect(InetSocketAddress address) throws Exception {
        return new Writer(address);
    }

    @Override
    protected String comeWithoutCredentials(InetSocketAddress address) {
        try (RawPeer peer = RawPeer.connect(address)) {
            String answer =
                    peer.sendHex(SASL_HEADER).send(frame(1, SASL_ANONYMOUS)).readAll();
            int outcome = answer.indexOf(SASL_OUTCOME);
            return outcome < 0
                    ? "no outcome in " + answer
                    : "sasl-outcome " + (int) answer.charAt(outcome + SASL_OUTCOME.length());
        }
    }

    @Override
    protected String unauthenticated() {
        return "sasl-outcome 1"; // auth
    }

    @Override
    protected String accepted() {
        return "ACCEPTED";
    }

    @Override
    protected String refused(ErrorCode code) {
        return switch (code) {
            case INVALID -> "REJECTED amqp:invalid-field";
            case UNSUPPORTED -> "REJECTED amqp:not-implemented";
            case TOO_LARGE -> "REJECTED amqp:link:message-size-exceeded";
            case UNAUTHENTICATED, FORBIDDEN -> "REJECTED amqp:unauthorized-access";
            case NOT_FOUND, EXPIRED_CURSOR -> "REJECTED amqp:not-found";
            case CONFLICT, PRECONDITION_FAILED -> "REJECTED amqp:precondition-failed";
            case INTERNAL -> "REJECTED amqp:internal-error";
            case BUSY, QUOTA_EXCEEDED, UNAVAILABLE -> "MODIFIED";
        };
    }

    @Override
    protected byte[] greeting() {
        byte[] open = frame(0, OPEN);
        byte[] header = "AMQP\0\1\0\0".getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[header.length + open.length];
        System.arraycopy(header, 0, all, 0, header.length);
        System.arraycopy(open, 0, all, header.length, open.length);
        return all;
    }
}
