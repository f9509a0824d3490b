package org.millrace.examples.coap;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.RawDataChannel;
import org.eclipse.californium.elements.UdpEndpointContext;
import org.eclipse.californium.elements.util.ClockUtil;
import org.jspecify.annotations.Nullable;

/**
 * The host's listener as Californium's socket: a handler of the listener's channel on one side, a {@link Connector} on the
 * other. So the host's rules for binding, its limits and its metrics hold, and nothing but the host's event loop runs.
 * Until it is started and after it has stopped, datagrams are dropped, as on the network.
 */
final class DatagramConnector extends ChannelInboundHandlerAdapter implements Connector {
    private volatile @Nullable Channel channel;
    private volatile @Nullable RawDataChannel receiver;
    private volatile boolean running;

    /** The event loop of the listener that this was given to. */
    EventLoop loop() {
        return channel().eventLoop();
    }

    private Channel channel() {
        return Objects.requireNonNull(channel, "not yet given to a listener");
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    // Netty's SimpleChannelInboundHandler would keep this class, and its class loader with it, for the life of a
    // thread.
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof DatagramPacket packet)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            receive(packet);
        } finally {
            packet.release();
        }
    }

    private void receive(DatagramPacket packet) {
        RawDataChannel to = receiver;
        if (!running || to == null || packet.sender().getPort() == 0) { // nobody can be answered at port 0
            return;
        }
        to.receiveData(RawData.inbound(
                ByteBufUtil.getBytes(packet.content()),
                new UdpEndpointContext(packet.sender()),
                false,
                ClockUtil.nanoRealtime(),
                getAddress()));
    }

    @Override
    public void send(RawData message) {
        if (!running) {
            message.onError(new IOException("the listener is closed"));
            return;
        }
        InetSocketAddress peer = message.getInetSocketAddress();
        message.onContextEstablished(new UdpEndpointContext(peer));
        channel()
                .writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(message.getBytes()), peer))
                .addListener((ChannelFuture sent) -> {
                    if (sent.isSuccess()) {
                        message.onSent();
                    } else {
                        message.onError(sent.cause());
                    }
                });
    }

    @Override
    public void setRawDataReceiver(RawDataChannel messageHandler) {
        receiver = messageHandler;
    }

    @Override
    public void setEndpointContextMatcher(EndpointContextMatcher matcher) {
        // Without DTLS a peer is its address, and what is sent to an address is right for whoever is there.
    }

    @Override
    public void start() {
        running = true;
    }

    /** Stops taking and sending. The listener is the host's to close. */
    @Override
    public void stop() {
        running = false;
    }

    @Override
    public void destroy() {
        stop();
        receiver = null;
    }

    @Override
    public InetSocketAddress getAddress() {
        return (InetSocketAddress) channel().localAddress();
    }

    @Override
    public String getProtocol() {
        return "UDP";
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public void processDatagram(java.net.DatagramPacket datagram) {
        throw new UnsupportedOperationException("datagrams come from the host's listener alone");
    }
}
