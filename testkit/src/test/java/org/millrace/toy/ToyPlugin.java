package org.millrace.toy;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.spi.transport.DemandWindow;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.Transport;

/**
 * The least plugin that keeps the contract: {@code PUT path json} and {@code ALL filter}, a line each. Its subclasses each
 * break the contract in one way.
 */
public class ToyPlugin implements Plugin {
    private static final int LONGEST_LINE = 1 << 20;

    /** Nothing but the listener. */
    record Config(@Setting(inline = true) ListenerSettings listener) {}

    @Override
    public void start(PluginContext context) throws IOException {
        context.service(Transport.class)
                .listen("toy", context.config(Config.class).listener().orPort(1), new StreamProtocol() {
                    @Override
                    public String name() {
                        return "toy";
                    }

                    @Override
                    public void initialize(Channel channel, ConnectionInfo via) {
                        channel.config().setAutoRead(false);
                        channel.pipeline()
                                .addLast(
                                        new LineBasedFrameDecoder(LONGEST_LINE),
                                        new StringDecoder(StandardCharsets.UTF_8),
                                        new Connection(context, via));
                    }
                });
    }

    /** The word for a refusal. */
    String term(ErrorCode code) {
        return code.id();
    }

    /** Who a client without credentials is. */
    CompletionStage<Identity> authenticate(PluginContext context, ConnectionInfo via) {
        return context.authenticator().authenticate(new Credentials.None(), via);
    }

    /** How much to ask for now. */
    long demand(DemandWindow window, boolean writable) {
        return writable ? window.refill() : 0;
    }

    /** What a client that sends nonsense is told; nothing in words, for the connection ends. */
    void nonsense(ChannelHandlerContext ctx) {
        ctx.close();
    }

    private final class Connection extends SimpleChannelInboundHandler<String> {
        private final PluginContext context;
        private final ConnectionInfo via;
        private final DemandWindow window = new DemandWindow();
        private CompletableFuture<Resources> view = new CompletableFuture<>();
        private Subscription subscription;

        Connection(PluginContext context, ConnectionInfo via) {
            this.context = context;
            this.via = via;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            view = authenticate(context, via)
                    .thenApply(who -> context.resources(who, via, ctx.channel().eventLoop()))
                    .toCompletableFuture();
            view.whenCompleteAsync((_, _) -> ctx.channel().config().setAutoRead(true), ctx.executor());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, String line) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].equals("PUT")) {
                put(ctx, words[1], words[2]);
            } else if (words.length == 2 && words[0].equals("ALL")) {
                all(ctx, words[1]);
            } else {
                nonsense(ctx);
            }
        }

        private void put(ChannelHandlerContext ctx, String path, String json) {
            view.thenCompose(resources -> resources.put(
                            Path.of(path),
                            context.contents().of(MediaType.JSON, json.getBytes(StandardCharsets.UTF_8)),
                            WriteOptions.DEFAULT))
                    .whenComplete((_, failure) -> say(
                            ctx,
                            failure == null
                                    ? "OK"
                                    : term(ResourceException.from(failure).code())));
        }

        private void all(ChannelHandlerContext ctx, String filter) {
            subscription = view.join()
                    .subscribe(SubscribeRequest.every(TopicFilter.of(filter), Start.CURRENT), new Subscriber() {
                        @Override
                        public void onChange(Change change, Reason reason) {
                            window.arrived(change.content().orElseThrow().size());
                            ctx.write(ByteBufUtil.writeUtf8(
                                    ctx.alloc(),
                                    StandardCharsets.UTF_8.decode(
                                            change.content().orElseThrow().bytes())));
                        }

                        @Override
                        public void onBatchEnd() {
                            ctx.flush();
                            refill(ctx);
                        }

                        @Override
                        public void onClosed(ResourceException reason) {
                            ctx.close();
                        }
                    });
            refill(ctx);
        }

        private void refill(ChannelHandlerContext ctx) {
            long more = subscription == null ? 0 : demand(window, ctx.channel().isWritable());
            if (more > 0) {
                subscription.request(more);
            }
        }

        private void say(ChannelHandlerContext ctx, String word) {
            ctx.writeAndFlush(ByteBufUtil.writeUtf8(ctx.alloc(), word + "\n"));
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            refill(ctx);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            view.thenAccept(Resources::close);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
