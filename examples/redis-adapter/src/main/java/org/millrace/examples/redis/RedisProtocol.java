package org.millrace.examples.redis;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.redis.FixedRedisMessagePool;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.transport.StreamProtocol;

/** The Redis serialization protocol over a stream of bytes. */
final class RedisProtocol implements StreamProtocol {
    private static final int MAX_INLINE = 64 * 1024;

    private final PluginContext context;
    private final RedisConfig config;
    private final Commands commands;

    RedisProtocol(PluginContext context, RedisConfig config) {
        this.context = context;
        this.config = config;
        this.commands = new Commands(new Keys(config.table()), context.contents(), context.clock());
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        channel.pipeline()
                .addLast(
                        new RedisDecoder(MAX_INLINE, FixedRedisMessagePool.INSTANCE, true),
                        new RequestLimits(config.maxValue().toIntSaturated(), config.maxArguments()),
                        new RedisBulkStringAggregator(),
                        new RedisArrayAggregator(),
                        new RedisConnection(context, config, commands, via));
    }

    /** A client's requests are arrays, unless somebody types them. */
    @Override
    public Recognition recognize(ByteBuf head) {
        return head.getByte(head.readerIndex()) == '*' ? Recognition.YES : Recognition.NO;
    }
}
