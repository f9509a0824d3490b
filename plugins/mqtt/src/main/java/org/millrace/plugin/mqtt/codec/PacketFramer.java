package org.millrace.plugin.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream into whole, checked packets for Netty's decoder, and stops doing so while the server asks for a pause.
 * Limits hold before bytes are kept: a packet beyond the size limit is refused by its fixed header alone.
 *
 * <p>Lives in one pipeline, is used by its event loop only.
 */
public final class PacketFramer extends ByteToMessageDecoder {
    private static final int CONNECT = 0x10;

    private final int maxPacketSize;
    private final Consumer<MqttViolation> violations;
    private int level;
    private int framed;
    private int decoded;
    private boolean broken;
    private boolean paused;
    private boolean resuming;
    private @Nullable ChannelHandlerContext context;

    /**
     * Makes a framer that waits for CONNECT.
     *
     * @param maxPacketSize bytes, with the fixed header
     * @param violations told of the first violation, after which all input is dropped
     */
    public PacketFramer(int maxPacketSize, Consumer<MqttViolation> violations) {
        this.maxPacketSize = maxPacketSize;
        this.violations = violations;
        setCumulator(COMPOSITE_CUMULATOR_FOR_LARGE);
    }

    // Merging copies what is there again whenever bytes arrive; a large packet comes in many pieces.
    private static final Cumulator COMPOSITE_CUMULATOR_FOR_LARGE =
            (alloc, cumulation, in) -> (cumulation.readableBytes() > 64 * 1024 ? COMPOSITE_CUMULATOR : MERGE_CUMULATOR)
                    .cumulate(alloc, cumulation, in);

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** Tells that the decoder has turned the last frame into a packet. */
    public void decoded() {
        decoded++;
    }

    /** Stops reading the socket, and decoding what was read, until {@link #resume}. */
    public void pause() {
        ChannelHandlerContext ctx = context;
        resuming = false;
        if (!paused && ctx != null) {
            paused = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** Goes on after {@link #pause}, with what was read already first, in a task of its own. */
    public void resume() {
        ChannelHandlerContext ctx = context;
        if (paused && !resuming && ctx != null) {
            resuming = true;
            ctx.executor().execute(() -> goOn(ctx));
        }
    }

    private void goOn(ChannelHandlerContext ctx) {
        if (!resuming || ctx.isRemoved()) {
            return;
        }
        resuming = false;
        paused = false;
        try {
            // An empty read makes the decoder look at the bytes it kept.
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            channelReadComplete(ctx);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
        if (!paused) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    /** Drops all further input, so that a client that still sends can read why its connection ends. */
    public void discard() {
        ChannelHandlerContext ctx = context;
        broken = true;
        resuming = false;
        paused = false;
        if (ctx != null) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    /**
     * The protocol level whose form the client understands.
     *
     * @return 4 or 5; 4 before CONNECT
     */
    public int level() {
        return level == 5 ? 5 : 4;
    }

    /**
     * Whether a pause holds.
     *
     * @return true between {@link #pause} and {@link #resume}
     */
    public boolean isPaused() {
        return paused;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (paused) {
            return;
        }
        try {
            expectDecoded();
            ByteBuf frame = next(in);
            if (frame != null) {
                framed++;
                out.add(frame);
            }
        } catch (MqttViolation violation) {
            in.skipBytes(in.readableBytes());
            broken = true;
            violations.accept(violation);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (!broken) {
            try {
                expectDecoded();
            } catch (MqttViolation violation) {
                broken = true;
                violations.accept(violation);
            }
        }
        super.channelReadComplete(ctx);
    }

    /** The decoder waits for more bytes only if a length inside the packet exceeds the packet. */
    private void expectDecoded() {
        if (framed != decoded) {
            throw MqttViolation.malformed("a length inside the packet exceeds the packet");
        }
    }

    private @Nullable ByteBuf next(ByteBuf in) {
        int readable = in.readableBytes();
        if (readable == 0) {
            return null;
        }
        int start = in.readerIndex();
        int first = in.getUnsignedByte(start);
        if (level == 0 && first != CONNECT) {
            throw MqttViolation.protocolError(
                    "the first packet must be CONNECT (0x10), found 0x" + Integer.toHexString(first)); // [MQTT-3.1.0-1]
        }
        int remaining = 0;
        int lengthBytes = 0;
        int digit;
        do {
            if (lengthBytes == 4) {
                throw MqttViolation.malformed("the remaining length has more than four bytes");
            }
            if (readable < 2 + lengthBytes) {
                return null;
            }
            digit = in.getUnsignedByte(start + 1 + lengthBytes);
            remaining |= (digit & 0x7f) << (7 * lengthBytes);
            lengthBytes++;
        } while ((digit & 0x80) != 0);
        if (digit == 0 && lengthBytes > 1) {
            throw MqttViolation.malformed("the remaining length uses more bytes than needed"); // [MQTT-1.5.5-1]
        }
        long size = 1L + lengthBytes + remaining;
        if (size > maxPacketSize) {
            throw new MqttViolation(
                    ReasonCode.PACKET_TOO_LARGE,
                    "the packet has " + size + " bytes; at most " + maxPacketSize + " are allowed");
        }
        if (readable < size) {
            return null;
        }
        ByteBuf body = in.slice(start + 1 + lengthBytes, remaining);
        if (level == 0) {
            // Set before the check, for the answer to a bad CONNECT is written in the form of its level.
            level = PacketCheck.claimedLevel(body) >= 5 ? 5 : 4;
            PacketCheck.connect(body);
        } else {
            PacketCheck.packet(first, level, body);
        }
        return in.readRetainedSlice((int) size);
    }
}
