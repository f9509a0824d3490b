package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

class MessageCodecTest {
    private static final long NODE = 0x8000_0000_0000_0007L;

    @Test
    void aMessageComesBackAsItWas() {
        ClusterMessage message = message();
        ClusterMessage read = MessageCodec.decode(MessageCodec.encode(message), TestContent::new);
        assertThat(read.origin()).isEqualTo(NODE);
        assertThat(read.previous()).isEqualTo(4);
        assertThat(read.last()).isEqualTo(9);
        assertThat(read.id()).isEqualTo("8000000000000007:4:9");
        assertThat(read.changes())
                .extracting(Change::toString)
                .isEqualTo(message.changes().stream().map(Change::toString).toList());
        assertThat(read.changes().getFirst().content().orElseThrow().toByteArray())
                .isEqualTo(new byte[] {1, 2});
    }

    @Test
    void anyDamageIsFoundOut() {
        byte[] bytes = MessageCodec.encode(message());
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> MessageCodec.decode(damaged, TestContent::new))
                    .isInstanceOf(ResourceException.class);
        }
    }

    @Test
    void whatOthersPublishThereIsNotTakenForAMessage() {
        assertThatThrownBy(() -> MessageCodec.decode(new byte[] {1, 2, 3}, TestContent::new))
                .hasMessageContaining("let nobody else publish there");
    }

    private static ClusterMessage message() {
        return new ClusterMessage(NODE, 4, List.of(change(6, ChangeKind.PUT), change(9, ChangeKind.DELETE)));
    }

    private static Change change(long position, ChangeKind kind) {
        Change.Builder change =
                Change.of(kind, Path.of("t/ä"), new Version(position << 16, NODE), new Cursor(NODE, position));
        if (kind == ChangeKind.PUT) {
            change.content(new TestContent(MediaType.OCTET_STREAM, new byte[] {1, 2}));
        }
        return change.build();
    }
}
