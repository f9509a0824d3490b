package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.SharedForm;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.spi.transport.DemandWindow;

/**
 * One record over a connection of its own: its changes go out as messages, and the client's messages are events or set
 * it. Used on the event loop.
 */
final class RecordSession extends SimpleChannelInboundHandler<WebSocketFrame> implements Subscriber {
    /** What all connections send for one change. */
    private record Message(byte[] bytes, boolean text) {}

    private static final SharedForm<Message> MESSAGE = new SharedForm<>("websocket message", RecordSession::message);

    private final RecordTarget target;
    private final Channel channel;
    private final Resources view;
    private final Contents contents;
    private final System.Logger log;
    private final String remote;
    private final RequestPace pace;
    private final DemandWindow window = new DemandWindow();

    private @Nullable Subscription subscription;

    RecordSession(RecordTarget target, Channel channel, Resources view, WebSocketUpgrade upgrade, String remote) {
        this.target = target;
        this.channel = channel;
        this.view = view;
        this.contents = upgrade.context().contents();
        this.log = upgrade.context().log();
        this.remote = remote;
        this.pace = new RequestPace(channel, upgrade.config().maxUnacknowledged());
    }

    /** Subscribes; nothing is sent yet. */
    void subscribe() {
        subscription = view.subscribe(
                new SubscribeRequest(
                        List.of(TopicFilter.exactly(target.path())), target.start(), target.overflow(), ""),
                this);
    }

    /** Lets the changes flow. */
    void flow() {
        int more = channel.isWritable() ? window.refill() : 0;
        if (subscription != null && more > 0) {
            subscription.request(more);
        }
    }

    private static Message message(Change change) {
        if (change.content().isEmpty()) {
            return new Message(new byte[0], true);
        }
        Content content = change.content().get();
        boolean json = content.canBe(MediaType.JSON);
        return new Message((json ? content.as(MediaType.JSON) : content).toByteArray(), json);
    }

    @Override
    public void onChange(Change change, Reason reason) {
        Message message = change.shared(MESSAGE);
        window.arrived(message.bytes().length + 16);
        ByteBuf bytes = Unpooled.wrappedBuffer(message.bytes());
        channel.write(message.text() ? new TextWebSocketFrame(bytes) : new BinaryWebSocketFrame(bytes));
    }

    @Override
    public void onGap(Gap gap) {
        log.log(Level.DEBUG, "{0}: {1}", remote, gap.reason());
    }

    @Override
    public void onBatchEnd() {
        channel.flush();
        flow();
    }

    @Override
    public void onClosed(ResourceException reason) {
        ControlFrames.close(channel, CloseCode.of(reason), String.valueOf(reason.getMessage()));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        byte[] bytes = ByteBufUtil.getBytes(frame.content());
        try {
            Content content = content(bytes, frame instanceof TextWebSocketFrame);
            var writing = target.put()
                    ? view.put(target.path(), content, WriteOptions.DEFAULT)
                    : view.publish(target.path(), content, WriteOptions.DEFAULT);
            pace.begin(view);
            var _ = writing.whenComplete((commit, failure) -> {
                if (failure != null) {
                    refused(failure);
                }
                pace.end(view);
            });
        } catch (ResourceException e) {
            refused(e);
        }
    }

    /** Text that is JSON is JSON. */
    private Content content(byte[] bytes, boolean text) {
        if (!text) {
            return contents.of(MediaType.OCTET_STREAM, bytes);
        }
        Content found = contents.detect(bytes);
        return found.mediaType().equals(MediaType.OCTET_STREAM) ? contents.of(MediaType.TEXT, bytes) : found;
    }

    private void refused(Throwable failure) {
        ResourceException reason = ResourceException.from(failure);
        if (reason.code() == ErrorCode.INTERNAL) {
            log.log(
                    Level.ERROR,
                    remote + ": writing " + target.path() + " failed by a defect; please report it",
                    failure);
        }
        ControlFrames.close(channel, CloseCode.of(reason), String.valueOf(reason.getMessage()));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pace.check(view);
        flow();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        view.close();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.log(Level.DEBUG, "{0}: {1}", remote, cause.getMessage());
            context.close();
            return;
        }
        ControlFrames.fail(channel, cause, log, remote);
    }
}
