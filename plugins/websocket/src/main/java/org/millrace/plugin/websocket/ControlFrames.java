package org.millrace.plugin.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers pings and the closing handshake (RFC 6455 section 5.5), pings a silent client and cuts it off if it stays
 * silent, or takes nothing of what it is sent. Used on the event loop.
 */
final class ControlFrames extends ChannelInboundHandlerAdapter {
    private static final int LONGEST_REASON = 123;
    /** Codes from here on have no meaning (RFC 6455 section 7.4.2). */
    private static final int FIRST_UNDEFINED = 5000;
    /** How long a client has to answer a close frame. */
    private static final long CLOSING_SECONDS = 5;

    private final Duration idle;
    private final Complaints complaints;
    private final String remote;
    private long unsent = -1;
    private @Nullable ScheduledFuture<?> timer;
    private boolean heard = true;
    private boolean pinged;
    private boolean closing;

    ControlFrames(Duration idle, Complaints complaints, String remote) {
        this.idle = idle;
        this.complaints = complaints;
        this.remote = remote;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timer = context.executor()
                .scheduleAtFixedRate(() -> tick(context), idle.toMillis(), idle.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void tick(ChannelHandlerContext context) {
        long waiting = context.channel().isWritable() ? -1 : context.channel().bytesBeforeWritable();
        if (waiting >= 0 && waiting == unsent) {
            complaints.about(remote, "took no byte for " + idle.toMillis() + " ms", "was cut off");
            context.close();
            return;
        }
        unsent = waiting;
        if (heard || !context.channel().config().isAutoRead()) {
            // A client that is not being read cannot be heard.
            heard = false;
            pinged = false;
        } else if (!pinged) {
            pinged = true;
            context.writeAndFlush(new PingWebSocketFrame());
        } else {
            context.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        heard = true;
        switch (message) {
            case PingWebSocketFrame ping -> context.writeAndFlush(new PongWebSocketFrame(ping.content()));
            case PongWebSocketFrame pong -> pong.release();
            case CloseWebSocketFrame close -> answer(context, close);
            default -> {
                if (closing) {
                    ReferenceCountUtil.release(message);
                } else {
                    context.fireChannelRead(message);
                }
            }
        }
    }

    private void answer(ChannelHandlerContext context, CloseWebSocketFrame close) {
        if (closing) {
            close.release();
            context.close();
            return;
        }
        int code = close.statusCode();
        close.release();
        if (code >= FIRST_UNDEFINED) {
            close(context.channel(), CloseCode.PROTOCOL, "close codes end at 4999");
            return;
        }
        closing = true;
        CloseWebSocketFrame echo =
                code < 0 ? new CloseWebSocketFrame() : new CloseWebSocketFrame(new WebSocketCloseStatus(code, ""));
        context.writeAndFlush(echo).addListener(written -> context.close());
    }

    /** Whether a close frame was sent, after which nothing may follow (RFC 6455 section 5.5.1). */
    static boolean isClosing(Channel channel) {
        ControlFrames frames = channel.pipeline().get(ControlFrames.class);
        return frames == null || frames.closing;
    }

    /** Ends a connection on which something failed, with the code of the one table. */
    static void fail(Channel channel, Throwable cause, System.Logger log, String remote) {
        if (cause instanceof PrematureChannelClosureException) {
            // The client went away in the middle of a message, and there is nobody to tell.
            log.log(Level.DEBUG, "{0}: {1}", remote, cause.getMessage());
            channel.close();
            return;
        }
        int code = CloseCode.of(cause);
        if (code == CloseCode.INTERNAL) {
            log.log(Level.ERROR, remote + ": the connection failed by a defect; please report it", cause);
            close(channel, code, "internal error; the server's log has the cause");
        } else {
            violated(channel, cause);
        }
    }

    /** Ends a connection whose client broke the protocol, and logs it once. */
    static void violated(Channel channel, Throwable cause) {
        int code = CloseCode.of(cause);
        ControlFrames frames = channel.pipeline().get(ControlFrames.class);
        if (frames == null || frames.closing) {
            return;
        }
        if (cause instanceof NoRoomException) {
            frames.complaints.noRoomForMessages();
        } else {
            frames.complaints.about(frames.remote, String.valueOf(cause.getMessage()), "was closed with " + code);
        }
        frames.close(
                channel,
                code,
                String.valueOf(cause.getMessage()),
                cause instanceof NoRoomException || isUnreadable(code));
    }

    /**
     * Begins the closing handshake; the client has a little time to answer.
     *
     * @param channel a connection with this handler
     * @param code why
     * @param reason for people; cut to what a frame holds
     */
    static void close(Channel channel, int code, String reason) {
        ControlFrames frames = channel.pipeline().get(ControlFrames.class);
        if (frames != null && !frames.closing) {
            frames.close(channel, code, reason, isUnreadable(code));
        }
    }

    private static boolean isUnreadable(int code) {
        return code == CloseCode.PROTOCOL || code == CloseCode.INVALID || code == CloseCode.TOO_LARGE;
    }

    private void close(Channel channel, int code, String reason, boolean atOnce) {
        closing = true;
        String ascii = reason.replaceAll("[^\\x20-\\x7e]", "?");
        String cut = ascii.getBytes(StandardCharsets.US_ASCII).length > LONGEST_REASON
                ? ascii.substring(0, LONGEST_REASON)
                : ascii;
        // From here, so that a tunnel does not take it for the end of its stream.
        ChannelHandlerContext context = channel.pipeline().context(this);
        var written = context.writeAndFlush(new CloseWebSocketFrame(new WebSocketCloseStatus(code, cut)));
        if (atOnce) {
            // What follows cannot be understood or taken, so no answer can be waited for.
            written.addListener(done -> context.close());
            return;
        }
        var limit = context.executor().schedule(() -> context.close(), CLOSING_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(gone -> limit.cancel(false));
    }
}
