package org.millrace.plugin.mqtt.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.Version;
import org.millrace.testkit.InMemoryHost;

/** How often one change is encoded for its many subscribers. */
class PublishFramesTest {
    private static final int LARGE = 100_000;

    private final InMemoryHost host = InMemoryHost.create();

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private Change change(String payload) {
        Content content = host.contents().detect(payload.getBytes(StandardCharsets.UTF_8));
        return Change.of(ChangeKind.EVENT, Path.of("a/b"), new Version(1, 1), new Cursor(1, 1))
                .content(content)
                .build();
    }

    private static byte[] plain(Change change, int level, Format format) {
        return PublishFrames.encode(ByteBufAllocator.DEFAULT, change, level, format, PublishFrames.Delivery.PLAIN)
                .array();
    }

    @Test
    void aPlainPacketIsMadeOnceForEachProtocolLevelAndFormat() {
        Change change = change("{\"temp\":19}");

        for (Format format : List.of(Format.STORED, Format.named("CBOR"), Format.named("text/x-hex"))) {
            assertThat(plain(change, 4, format)).isSameAs(plain(change, 4, format));
            assertThat(plain(change, 5, format)).isSameAs(plain(change, 5, format));
            assertThat(plain(change, 5, format)).isNotSameAs(plain(change, 4, format));
        }
    }

    @Test
    void aLargePayloadIsSharedBehindEachSubscribersOwnHeader() {
        Change change = change("x".repeat(LARGE));
        for (int packetId = 1; packetId <= 2; packetId++) {
            var own =
                    new PublishFrames.Delivery(1, false, false, packetId, new int[0], -1, TopicAlias.NONE, Reason.LIVE);
            ByteBuf packet = PublishFrames.encode(ByteBufAllocator.DEFAULT, change, 5, Format.STORED, own);
            try {
                CompositeByteBuf parts = (CompositeByteBuf) packet;
                assertThat(parts.component(0).readableBytes())
                        .as("what is copied")
                        .isLessThan(32);
                assertThat(parts.component(1).isReadOnly())
                        .as("a view of the content")
                        .isTrue();
                assertThat(parts.component(1).readableBytes()).isEqualTo(LARGE);
            } finally {
                packet.release();
            }
        }
    }
}
