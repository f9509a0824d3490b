package org.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.engine.Collector;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Fills queues over one connection and empties them over another, with proton-j as the client. At most 1,000 messages are
 * under way, over all links. One thread does all.
 */
final class AmqpLoad {
    private static final int WINDOW = 1_000;
    private static final long ENGINE_BYTES = 1 << 20;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final InetSocketAddress broker;
    private final String queues;
    private final int links;
    private final boolean settled;

    /**
     * A load that is not connected yet.
     *
     * @param queues what the queues' names begin with; a number follows
     * @param links how many queues, with one link each
     * @param settled whether messages are settled when they are sent
     */
    AmqpLoad(InetSocketAddress broker, String queues, int links, boolean settled) {
        this.broker = broker;
        this.queues = queues;
        this.links = links;
        this.settled = settled;
    }

    /** How long so many messages took; unsettled ones with their latencies. */
    record Result(Measurement measurement, int messages, long nanos) {
        double perSecond() {
            return messages * 1e9 / nanos;
        }
    }

    Result send(int messages, int bytes, boolean durable) throws IOException {
        Message message = Proton.message();
        message.setDurable(durable);
        message.setBody(new Data(new org.apache.qpid.proton.amqp.Binary(new byte[bytes])));
        byte[] buffer = new byte[bytes + 512];
        int length = message.encode(buffer, 0, buffer.length);
        byte[] encoded = java.util.Arrays.copyOf(buffer, length);
        try (Client client = new Client(broker)) {
            List<Sender> senders = new ArrayList<>();
            for (int i = 0; i < links; i++) {
                Sender sender = client.session.sender("s" + i);
                Target target = new Target();
                target.setAddress(queues + i);
                sender.setTarget(target);
                sender.setSource(new Source());
                sender.setSenderSettleMode(settled ? SenderSettleMode.SETTLED : SenderSettleMode.UNSETTLED);
                sender.open();
                senders.add(sender);
            }
            client.runUntil(() -> senders.stream().allMatch(sender -> sender.getCredit() > 0));
            Sending sending = new Sending(senders, encoded, messages, settled);
            client.onDelivery = sending::settled;
            long start = System.nanoTime();
            client.runUntil(() -> {
                sending.more();
                return sending.isDone();
            });
            if (settled) {
                // What was written is not yet read: an end that is answered has been preceded by all of it.
                senders.forEach(Link::detach);
                client.runUntil(() -> senders.stream()
                        .allMatch(sender ->
                                sender.getRemoteState() == org.apache.qpid.proton.engine.EndpointState.CLOSED));
            }
            long nanos = System.nanoTime() - start;
            sending.measurement.finish(nanos);
            return new Result(sending.measurement, messages, nanos);
        }
    }

    private static final class Sending {
        final Measurement measurement = new Measurement();
        private final List<Sender> senders;
        private final byte[] message;
        private final int messages;
        private final boolean settled;
        private int sent;
        private int done;
        private int turn;

        Sending(List<Sender> senders, byte[] message, int messages, boolean settled) {
            this.senders = senders;
            this.message = message;
            this.messages = messages;
            this.settled = settled;
        }

        boolean isDone() {
            return done == messages;
        }

        void more() {
            int without = 0;
            Session session = senders.getFirst().getSession();
            while (sent < messages
                    && sent - done < WINDOW
                    && without < senders.size()
                    && session.getOutgoingBytes() < ENGINE_BYTES) {
                Sender sender = senders.get(turn);
                turn = (turn + 1) % senders.size();
                if (sender.getCredit() <= 0) {
                    without++;
                    continue;
                }
                without = 0;
                Delivery delivery =
                        sender.delivery(ByteBuffer.allocate(4).putInt(sent).array());
                delivery.setContext(System.nanoTime());
                sender.sendNoCopy(ReadableBuffer.ByteBufferReader.wrap(message));
                sent++;
                if (settled) {
                    delivery.settle();
                    done++;
                } else {
                    sender.advance();
                }
            }
        }

        void settled(Delivery delivery) {
            if (!(delivery.getRemoteState() instanceof Accepted)) {
                throw new IllegalStateException("a message was not accepted: " + delivery.getRemoteState());
            }
            if (delivery.getContext() instanceof Long at) {
                measurement.answered(at);
                done++;
                delivery.settle();
            }
        }
    }

    Result receive(int messages) throws IOException {
        try (Client client = new Client(broker)) {
            int credit = Math.max(1, WINDOW / links);
            List<Receiver> receivers = new ArrayList<>();
            for (int i = 0; i < links; i++) {
                Receiver receiver = client.session.receiver("r" + i);
                Source source = new Source();
                source.setAddress(queues + i);
                receiver.setSource(source);
                receiver.setTarget(new Target());
                receiver.setSenderSettleMode(settled ? SenderSettleMode.SETTLED : SenderSettleMode.UNSETTLED);
                receiver.open();
                receivers.add(receiver);
            }
            Measurement none = new Measurement();
            int[] got = {0};
            client.onDelivery = delivery -> {
                Receiver receiver = (Receiver) delivery.getLink();
                Delivery current = receiver.current();
                while (current != null && current.isReadable() && !current.isPartial()) {
                    receiver.recv();
                    receiver.advance();
                    if (!current.remotelySettled()) {
                        current.disposition(Accepted.getInstance());
                    }
                    current.settle();
                    got[0]++;
                    if (receiver.getCredit() <= credit / 2) {
                        receiver.flow(credit - receiver.getCredit());
                    }
                    current = receiver.current();
                }
            };
            long start = System.nanoTime();
            receivers.forEach(receiver -> receiver.flow(credit));
            client.runUntil(() -> got[0] >= messages);
            return new Result(none, messages, System.nanoTime() - start);
        }
    }

    /** A connection with one session, driven by whoever waits for something. */
    private static final class Client implements AutoCloseable {
        final Session session;
        java.util.function.@Nullable Consumer<Delivery> onDelivery;
        private final SocketChannel socket;
        private final Selector selector = Selector.open();
        private final Transport transport = Proton.transport();
        private final Collector collector = Proton.collector();

        Client(InetSocketAddress broker) throws IOException {
            socket = SocketChannel.open(broker);
            socket.socket().setTcpNoDelay(true);
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ);
            transport.setMaxFrameSize(64 << 10);
            transport.setEmitFlowEventOnSend(false);
            Connection connection = Proton.connection();
            connection.setContainer("load");
            connection.collect(collector);
            transport.bind(connection);
            session = connection.session();
            session.setIncomingCapacity(16 << 20);
            connection.open();
            session.open();
        }

        void runUntil(java.util.function.BooleanSupplier reached) throws IOException {
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (!reached.getAsBoolean()) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("the broker did not get on within 60 s");
                }
                boolean written = write();
                boolean read = read();
                if (!written && !read) {
                    selector.select(transport.pending() <= 0 ? 100 : 1);
                    selector.selectedKeys().clear();
                }
            }
            write();
        }

        private boolean write() throws IOException {
            boolean any = false;
            while (transport.pending() > 0) {
                int count = socket.write(transport.head());
                transport.pop(count);
                if (count == 0) {
                    return any;
                }
                any = true;
            }
            return any;
        }

        private boolean read() throws IOException {
            if (transport.capacity() <= 0) {
                throw new IOException("the broker ended the connection: " + transport.getRemoteCondition());
            }
            int count = socket.read(transport.tail());
            if (count < 0) {
                throw new IOException("the broker closed the connection");
            }
            if (count > 0) {
                transport.process();
                events();
            }
            return count > 0;
        }

        private void events() throws IOException {
            for (Event event = collector.peek(); event != null; event = collector.peek()) {
                switch (event.getType()) {
                    case DELIVERY -> {
                        if (onDelivery != null) {
                            onDelivery.accept(event.getDelivery());
                        }
                    }
                    case LINK_REMOTE_CLOSE, LINK_REMOTE_DETACH -> {
                        if (event.getLink().getRemoteCondition().getCondition() != null) {
                            throw new IOException("refused: "
                                    + event.getLink().getRemoteCondition().getDescription());
                        }
                    }
                    default -> {}
                }
                collector.pop();
            }
        }

        @Override
        public void close() throws IOException {
            session.getConnection().close();
            write();
            socket.close();
            selector.close();
        }
    }
}
