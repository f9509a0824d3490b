package org.millrace.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The yardstick: the least that an HTTP server on Netty can do. It answers every GET with the same bytes, as many as a
 * record of the comparison has, and everything else with 204 when its body has come. Prints its port.
 */
public final class HelloWorld {
    private static final byte[] BODY = HttpComparison.JSON.getBytes(StandardCharsets.US_ASCII);

    private HelloWorld() {}

    /**
     * Serves until it is killed.
     *
     * @param arguments how many event loops; 0 for Netty's default
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        int loops = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0;
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(loops, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpRequestDecoder(), new HttpResponseEncoder(), new Hello());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        System.out.println("ready hello=127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort());
        server.closeFuture().sync();
    }

    private static final class Hello extends SimpleChannelInboundHandler<HttpObject> {
        private @Nullable HttpRequest request;

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message instanceof HttpRequest head) {
                request = head;
            }
            if (message instanceof HttpContent && message instanceof LastHttpContent && request != null) {
                boolean get = request.method().name().equals("GET");
                DefaultFullHttpResponse answer = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        get ? HttpResponseStatus.OK : HttpResponseStatus.NO_CONTENT,
                        get ? Unpooled.wrappedBuffer(BODY) : Unpooled.EMPTY_BUFFER);
                if (get) {
                    answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
                    answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, BODY.length);
                }
                context.write(answer, context.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
