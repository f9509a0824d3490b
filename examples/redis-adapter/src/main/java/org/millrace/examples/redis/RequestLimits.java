package org.millrace.examples.redis;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.util.ReferenceCountUtil;

/** Refuses what announces itself as too large before anything is gathered for it. */
final class RequestLimits extends ChannelInboundHandlerAdapter {
    private final int maxBulk;
    private final int maxArguments;

    RequestLimits(int maxBulk, int maxArguments) {
        this.maxBulk = maxBulk;
        this.maxArguments = maxArguments;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof BulkStringHeaderRedisMessage bulk && bulk.bulkStringLength() > maxBulk) {
            throw refused(message, "invalid bulk length " + bulk.bulkStringLength() + ", the limit is " + maxBulk);
        }
        if (message instanceof ArrayHeaderRedisMessage array && array.length() > maxArguments) {
            throw refused(message, "invalid multibulk length " + array.length() + ", the limit is " + maxArguments);
        }
        ctx.fireChannelRead(message);
    }

    private static CodecException refused(Object message, String why) {
        ReferenceCountUtil.release(message);
        return new CodecException(why);
    }
}
