package com.example.greeter;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Entry;
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

/**
 * One client. Everything here runs on the connection's event loop, the host's answers as well, so there is no lock. One
 * request is answered before the next is read; a client that does not read its answers is not read from either.
 */
final class GreeterConnection extends SimpleChannelInboundHandler<String> {
    private final PluginContext context;
    private final ConnectionInfo via;
    private final DemandWindow window = new DemandWindow();
    private @Nullable Resources resources;
    private @Nullable Subscription following;
    private boolean waiting;

    GreeterConnection(PluginContext context, ConnectionInfo via) {
        this.context = context;
        this.via = via;
    }

    /** Whoever comes may need no credentials: ask first, with none. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context.authenticator()
                .authenticate(new Credentials.None(), via)
                .whenCompleteAsync(
                        (identity, refused) -> {
                            if (refused == null) {
                                open(ctx, identity);
                            }
                            next(ctx);
                        },
                        ctx.executor());
    }

    private void open(ChannelHandlerContext ctx, Identity identity) {
        if (ctx.channel().isActive()) {
            close(resources);
            resources = context.resources(identity, via, ctx.channel().eventLoop());
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String line) {
        String[] words = line.split(" ", 3);
        try {
            switch (words[0]) {
                case "LOGIN" -> login(ctx, argument(words, 1), argument(words, 2));
                case "PUT" -> put(ctx, argument(words, 1), argument(words, 2));
                case "GET" -> get(ctx, argument(words, 1));
                case "FOLLOW" -> follow(ctx, argument(words, 1));
                case "QUIT" -> ctx.close();
                default ->
                    throw invalid("no command '" + shortened(words[0]) + "'; there are LOGIN, PUT, GET, FOLLOW, QUIT");
            }
        } catch (ResourceException e) {
            refuse(ctx, e);
        }
    }

    private void login(ChannelHandlerContext ctx, String user, String password) {
        answer(ctx, context.authenticator().authenticate(new Credentials.Password(user, password), via), identity -> {
            open(ctx, identity);
            send(ctx, "OK");
        });
    }

    private void put(ChannelHandlerContext ctx, String path, String json) {
        Content content = context.contents().of(MediaType.JSON, json.getBytes(StandardCharsets.UTF_8));
        answer(ctx, view().put(Path.of(path), content, WriteOptions.DEFAULT), commit -> send(ctx, "OK"));
    }

    private void get(ChannelHandlerContext ctx, String path) {
        answer(ctx, view().get(Path.of(path)), found -> send(ctx, "VALUE " + text(found)));
    }

    private static String text(Optional<Entry> found) {
        return text(found.map(Entry::content)
                .orElseThrow(() -> new ResourceException(ErrorCode.NOT_FOUND, "there is no such record")));
    }

    private static String text(Content content) {
        return StandardCharsets.UTF_8
                .decode(content.as(MediaType.JSON).bytes())
                .toString()
                .replace('\n', ' ');
    }

    /** One filter at a time: the next takes the place of the one before. */
    private void follow(ChannelHandlerContext ctx, String filter) {
        Subscription next =
                view().subscribe(SubscribeRequest.every(TopicFilter.of(filter), Start.CURRENT), new Follower(ctx));
        if (following != null) {
            following.close();
        }
        following = next;
        window.restart();
        send(ctx, "OK");
        refill(ctx);
        next(ctx);
    }

    /** As much as the socket takes: what the client does not read is not fetched. */
    private void refill(ChannelHandlerContext ctx) {
        if (following != null && ctx.channel().isWritable()) {
            int more = window.refill();
            if (more > 0) {
                following.request(more);
            }
        }
    }

    private final class Follower implements Subscriber {
        private final ChannelHandlerContext ctx;

        Follower(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public void onChange(Change change, Reason reason) {
            String line = change.content()
                    .filter(content -> content.canBe(MediaType.JSON))
                    .map(content -> "CHANGE " + change.path() + " " + text(content))
                    .orElse("GONE " + change.path());
            window.arrived(line.length());
            ctx.write(ByteBufUtil.writeUtf8(ctx.alloc(), line + "\n"), ctx.voidPromise());
        }

        @Override
        public void onBatchEnd() {
            ctx.flush();
            refill(ctx);
        }

        @Override
        public void onClosed(ResourceException reason) {
            following = null;
            send(ctx, error(reason));
        }
    }

    /** Answers when the host has: a stage completes when a change is as durable as was asked. */
    private <T> void answer(ChannelHandlerContext ctx, CompletionStage<T> stage, Consumer<T> answer) {
        stage.whenCompleteAsync(
                (result, failure) -> {
                    try {
                        if (failure != null) {
                            throw ResourceException.from(failure);
                        }
                        answer.accept(result);
                        next(ctx);
                    } catch (ResourceException e) {
                        refuse(ctx, e);
                    }
                },
                ctx.executor());
    }

    private Resources view() {
        if (resources == null) {
            throw new ResourceException(ErrorCode.UNAUTHENTICATED, "LOGIN with a user and a password first");
        }
        return resources;
    }

    private void refuse(ChannelHandlerContext ctx, ResourceException why) {
        send(ctx, error(why));
        next(ctx);
    }

    /** The one place that knows how an error of the host looks in this protocol. */
    private static String error(ResourceException why) {
        return "ERROR " + why.code().id() + " "
                + String.valueOf(why.getMessage()).replace('\n', ' ');
    }

    private void send(ChannelHandlerContext ctx, String line) {
        ctx.writeAndFlush(ByteBufUtil.writeUtf8(ctx.alloc(), line + "\n"), ctx.voidPromise());
    }

    private void next(ChannelHandlerContext ctx) {
        waiting = !ctx.channel().isWritable();
        if (!waiting) {
            // After this request, not in the midst of it: FlowControlHandler loses a read that is asked for meanwhile.
            ctx.executor().execute(ctx::read);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (waiting) {
            next(ctx);
        }
        refill(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        close(resources);
        resources = null;
        following = null;
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            send(ctx, error(new ResourceException(ErrorCode.TOO_LARGE, "a line is longer than the host takes")));
        } else if (!(cause instanceof IOException)) { // that is a client that has gone
            context.log().log(Level.WARNING, via.remote() + ": closed after an error of the plugin", cause);
        }
        ctx.close();
    }

    private static void close(@Nullable Resources view) {
        if (view != null) {
            view.close();
        }
    }

    private static String argument(String[] words, int n) {
        if (words.length <= n) {
            throw invalid(shortened(words[0]) + " needs more words");
        }
        return words[n];
    }

    private static String shortened(String text) {
        return text.length() > 20 ? text.substring(0, 20) + "..." : text;
    }

    private static ResourceException invalid(String message) {
        return new ResourceException(ErrorCode.INVALID, message);
    }
}
