package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.util.ReferenceCountUtil;
import java.io.UncheckedIOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.plugin.mqtt.codec.PacketFramer;
import org.millrace.testkit.RawPeer;

/**
 * Structured random input to the decoder and to the state machine of a connection: no exception that nobody caught, no
 * buffer that is not released, the server alive after. Inputs follow from seeds, which failures name; the slow tests take
 * new ones, or the one of {@code -Dmqtt.fuzz.seed}.
 */
class MqttFuzzTest {
    private static final int MAX_PACKET = 4 * 1024;

    private LeakWatch watch;

    @BeforeEach
    void watch() {
        watch = new LeakWatch();
    }

    @AfterEach
    void watchNoMore() {
        watch.close();
    }

    private static long newSeed() {
        long seed = Long.getLong("mqtt.fuzz.seed", System.nanoTime());
        System.out.println("mqtt fuzz seed " + seed);
        return seed;
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 20_261_125})
    void decoderTakesAnything(long seed) {
        decode(seed, 20_000);
    }

    @Test
    @Tag("slow")
    void decoderTakesAnythingForLong() {
        decode(newSeed(), 2_000_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 77_003, 20_261_125})
    void connectionsTakeAnything(long seed) throws Exception {
        converse(seed, 200);
    }

    @Test
    @Tag("slow")
    void connectionsTakeAnythingForLong() throws Exception {
        converse(newSeed(), 20_000);
    }

    private void decode(long seed, int packets) {
        Random random = new Random(seed);
        RandomPackets source = new RandomPackets(random);
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        try {
            for (int done = 0; done < packets; ) {
                int n = 1 + random.nextInt(8);
                done += n;
                decodeOne(random, source, allocator, n);
                assertThat(allocator.metric().usedHeapMemory()
                                + allocator.metric().usedDirectMemory())
                        .as("bytes of buffers left")
                        .isZero();
            }
            watch.expectNothing();
        } catch (Throwable t) {
            throw new AssertionError("with seed " + seed, t);
        }
    }

    /** One connection: the framer and the decoder behind it, fed in pieces of any size. */
    private static void decodeOne(
            Random random, RandomPackets source, UnpooledByteBufAllocator allocator, int packets) {
        PacketFramer framer = new PacketFramer(MAX_PACKET, violation -> {});
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(framer, new MqttDecoder(MAX_PACKET, 65_535), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                framer.decoded();
                ReferenceCountUtil.release(message);
            }
        });
        byte[] input = source.connect();
        for (int i = 0; i < packets; i++) {
            input = Packets.join(input, source.next());
        }
        for (int at = 0; at < input.length; ) {
            int piece = Math.min(input.length - at, 1 + random.nextInt(64));
            ByteBuf in = allocator.heapBuffer(piece).writeBytes(input, at, piece);
            channel.writeInbound(in);
            at += piece;
        }
        channel.checkException();
        channel.finishAndReleaseAll();
    }

    private void converse(long seed, int rounds) throws Exception {
        Random random = new Random(seed);
        RandomPackets source = new RandomPackets(random);
        try (MqttHost mqtt = MqttHost.start("max-packet-size", "4KiB")) {
            mqtt.host().addMechanism(QuestionMechanism.NAME, via -> new QuestionMechanism());
            try (RawPeer bystander = mqtt.client5("bystander")) {
                for (int round = 0; round < rounds; round++) {
                    converse(mqtt, random, source);
                    if (round % 50 == 0) {
                        bystander.send(Packets.PINGREQ).expect(Packets.PINGRESP);
                    }
                }
                bystander.send(Packets.PINGREQ).expect(Packets.PINGRESP);
                mqtt.client5("late").close();
            }
            watch.expectNothing();
        } catch (Throwable t) {
            throw new AssertionError("with seed " + seed, t);
        }
    }

    private static void converse(MqttHost mqtt, Random random, RandomPackets source) {
        byte[] input = random.nextInt(10) == 0 ? source.next() : source.goodConnect();
        for (int i = random.nextInt(12); i >= 0; i--) {
            input = Packets.join(input, random.nextInt(4) == 0 ? source.next() : source.good());
        }
        try (RawPeer peer = mqtt.peer()) {
            peer.send(input);
            switch (random.nextInt(3)) {
                case 0 -> peer.halfClose().readAll();
                case 1 -> peer.reset();
                default -> {
                    // closed as it is
                }
            }
        } catch (UncheckedIOException closedWhileSending) {
            assertThat(closedWhileSending).hasMessageContaining("takes no more");
        }
    }
}
