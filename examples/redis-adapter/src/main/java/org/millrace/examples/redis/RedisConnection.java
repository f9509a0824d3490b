package org.millrace.examples.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.InlineCommandRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Resources;

/**
 * One client: takes its commands in order, lets those overlap that may, and answers in order. Used on the connection's
 * event loop.
 */
final class RedisConnection extends SimpleChannelInboundHandler<RedisMessage> {
    private final PluginContext context;
    private final RedisConfig config;
    private final Commands commands;
    private final ConnectionInfo via;
    private final Channels channels;
    private final Transaction transaction;
    private final Queue<Command> waiting = new ArrayDeque<>();
    private final Queue<Pending> pending = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Resources resources;
    private @Nullable Scans scans;
    private int version = 2;
    private int running;
    private boolean alone;
    private boolean draining;
    private boolean flushing;
    private boolean closing;
    private boolean awaitingRoom;

    /** A command's place in the order of replies. */
    private static final class Pending {
        private @Nullable Reply reply;
    }

    RedisConnection(PluginContext context, RedisConfig config, Commands commands, ConnectionInfo via) {
        this.context = context;
        this.config = config;
        this.commands = commands;
        this.via = via;
        this.channels = new Channels(this, new Keys(config.table()), config.maxSubscriptions());
        this.transaction = new Transaction(config.maxPipeline());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        // Nothing runs before it is known whether clients without a password are let in.
        alone = true;
        login(Credentials.NONE).whenComplete((done, refused) -> {
            alone = false;
            drain();
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        waiting.clear();
        channels.close();
        if (resources != null) {
            resources.close();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext reading, RedisMessage message) {
        List<byte[]> words = words(message);
        if (words.isEmpty() || closing) {
            return;
        }
        waiting.add(Command.of(words));
        drain();
        pace();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext complete) {
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        if (isWritable()) {
            channels.refill();
            drain();
        }
        pace();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        if (cause instanceof CodecException || cause instanceof RedisException) {
            context.log().log(System.Logger.Level.WARNING, via.remote() + ": " + cause.getMessage() + "; closed");
            write(new Reply.Failure("ERR Protocol error: " + cause.getMessage()));
            closing = true;
            caught.writeAndFlush(caught.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        } else {
            fail("the connection broke", cause);
        }
    }

    // What commands use of the connection.

    /** The client's view of the records. */
    Resources resources() {
        requireLogin();
        return Objects.requireNonNull(resources);
    }

    Channels channels() {
        return channels;
    }

    Transaction transaction() {
        return transaction;
    }

    Scans scans() {
        resources();
        return Objects.requireNonNull(scans);
    }

    int version() {
        return version;
    }

    void speak(int value) {
        version = value;
    }

    boolean isWritable() {
        return context().channel().isWritable();
    }

    void requireLogin() {
        if (resources == null) {
            throw new RedisException("NOAUTH Authentication required.");
        }
    }

    /** Takes another identity; the client's subscriptions, which are the old one's, end. */
    CompletionStage<Void> login(Credentials credentials) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        this.context
                .authenticator()
                .authenticate(credentials, via)
                .whenCompleteAsync(
                        (identity, failure) -> {
                            if (failure != null) {
                                done.completeExceptionally(
                                        credentials instanceof Credentials.None
                                                ? failure
                                                : new RedisException("WRONGPASS invalid username-password pair"));
                                return;
                            }
                            channels.close();
                            if (resources != null) {
                                resources.close();
                            }
                            resources = context.resources(
                                    identity, via, context().channel().eventLoop());
                            scans = new Scans(resources);
                            done.complete(null);
                        },
                        context().channel().eventLoop());
        return done;
    }

    void closeAfterReply() {
        closing = true;
        waiting.clear();
    }

    /** Writes a message that is no reply, behind the replies that are ready; gives its size. */
    int push(Reply message) {
        return write(message);
    }

    void flush() {
        context().flush();
    }

    /** Ends the connection for a reason that is not the client's. */
    void fail(String what, Throwable cause) {
        context.log().log(System.Logger.Level.DEBUG, via.remote() + ": " + what, cause);
        context().close();
    }

    // The order of things.

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            while (!waiting.isEmpty() && !alone && !closing && isWritable()) {
                Command command = waiting.element();
                CommandSpec spec = commands.find(command.name());
                Mode mode = spec == null || transaction.isOpen() ? Mode.ALONE : spec.mode();
                if (mode != Mode.WRITE && running > 0) {
                    break;
                }
                waiting.remove();
                run(command, spec, mode);
            }
        } finally {
            draining = false;
        }
    }

    private void run(Command command, @Nullable CommandSpec spec, Mode mode) {
        Pending place = new Pending();
        pending.add(place);
        running++;
        alone = mode == Mode.ALONE;
        CompletionStage<Reply> stage;
        try {
            stage = start(command, spec);
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedStage(e);
        }
        stage.whenComplete((reply, failure) -> {
            if (context().channel().eventLoop().inEventLoop()) {
                done(place, reply, failure);
            } else {
                // Another client's event loop carried this one's addition.
                context().channel().eventLoop().execute(() -> done(place, reply, failure));
            }
        });
    }

    private CompletionStage<Reply> start(Command command, @Nullable CommandSpec spec) {
        try {
            check(command, spec);
            CommandSpec known = Objects.requireNonNull(spec);
            if (transaction.isOpen() && !TransactionCommands.controls(command.name())) {
                transaction.queue(command, known);
                return CompletableFuture.completedStage(new Reply.Simple("QUEUED"));
            }
            return known.action().run(this, command);
        } catch (RuntimeException e) {
            if (transaction.isOpen()) {
                transaction.spoil();
            }
            throw e;
        }
    }

    private void check(Command command, @Nullable CommandSpec spec) {
        String name = command.name().toLowerCase(Locale.ROOT);
        if (resources == null && !ServerCommands.BEFORE_LOGIN.contains(command.name())) {
            throw new RedisException("NOAUTH Authentication required.");
        }
        if (spec == null) {
            String shown = name.length() > 40 ? name.substring(0, 40) + "..." : name;
            throw new RedisException("ERR unknown command '" + shown.replaceAll("[\\r\\n]+", " ") + "'");
        }
        if (command.size() < spec.least() || command.size() > spec.most()) {
            throw new RedisException("ERR wrong number of arguments for '" + name + "' command");
        }
        if (version == 2 && channels.count() > 0 && !ServerCommands.WHILE_FOLLOWING.contains(command.name())) {
            throw new RedisException("ERR Can't execute '" + name
                    + "': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT are allowed in this context");
        }
    }

    private void done(Pending place, @Nullable Reply reply, @Nullable Throwable failure) {
        running--;
        alone = false;
        place.reply =
                failure != null ? new Reply.Failure(RedisException.reply(failure)) : Objects.requireNonNull(reply);
        while (!pending.isEmpty()) {
            Reply ready = pending.element().reply;
            if (ready == null) {
                break;
            }
            pending.remove();
            write(ready);
        }
        drain();
        pace();
        if (closing && pending.isEmpty()) {
            context().writeAndFlush(context().alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        } else if (!flushing) {
            // Replies that come in one run go out in one packet.
            flushing = true;
            context().channel().eventLoop().execute(() -> {
                flushing = false;
                flush();
            });
        }
    }

    /** Reads on only while the client's commands, its replies and the host's queue leave room. */
    private void pace() {
        Resources open = resources;
        boolean saturated = open != null && open.isSaturated();
        boolean read = !saturated && isWritable() && pending.size() + waiting.size() < config.maxPipeline();
        context().channel().config().setAutoRead(read);
        if (saturated && !awaitingRoom) {
            awaitingRoom = true;
            open.whenReady().thenRun(() -> {
                awaitingRoom = false;
                pace();
            });
        }
    }

    private int write(Reply reply) {
        ByteBuf out = context().alloc().buffer();
        ReplyWriter.write(reply, version, out);
        int size = out.readableBytes();
        context().write(out, context().voidPromise());
        return size;
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(ctx);
    }

    private static List<byte[]> words(RedisMessage message) {
        if (message instanceof InlineCommandRedisMessage line) {
            return Arrays.stream(line.content().strip().split("\\s+"))
                    .filter(word -> !word.isEmpty())
                    .map(word -> word.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }
        if (!(message instanceof ArrayRedisMessage array) || array.isNull()) {
            throw new RedisException("expected an array of bulk strings");
        }
        List<byte[]> words = new ArrayList<>(array.children().size());
        for (RedisMessage child : array.children()) {
            if (!(child instanceof FullBulkStringRedisMessage bulk) || bulk.isNull()) {
                throw new RedisException("expected bulk strings in the array");
            }
            words.add(ByteBufUtil.getBytes(bulk.content()));
        }
        return words;
    }
}
