package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.millrace.content.Bytes.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class ConversionTest {
    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(100_000));

    @Test
    void eachFormatIsMadeOnce() {
        Content content = formats.of(MediaType.JSON, utf8("{\"a\":1}"));

        assertThat(content.as(MediaType.CBOR)).isSameAs(content.as(MediaType.CBOR));
        assertThat(content.as(MediaType.MSGPACK)).isSameAs(content.as(MediaType.MSGPACK));
    }

    @Test
    void convertedContentLeadsBackToThePublishersBytes() {
        Content content = formats.of(MediaType.JSON, utf8("{ \"a\" : 1.50 }"));

        Content cbor = content.as(MediaType.CBOR);

        assertThat(cbor.as(MediaType.JSON)).isSameAs(content);
        assertThat(cbor.as(MediaType.CBOR)).isSameAs(cbor);
        assertThat(cbor.as(MediaType.MSGPACK)).isSameAs(content.as(MediaType.MSGPACK));
    }

    @Test
    void structuredContentCanBeEveryStructuredFormatAndNothingElse() {
        Content content = formats.of(MediaType.MSGPACK, new byte[] {1});

        assertThat(content.canBe(MediaType.JSON)).isTrue();
        assertThat(content.canBe(MediaType.CBOR)).isTrue();
        assertThat(content.canBe(MediaType.MSGPACK)).isTrue();
        assertThat(content.canBe(MediaType.TEXT)).isFalse();
        assertThat(content.canBe(MediaType.MERGE_PATCH)).isFalse();
        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> content.as(MediaType.TEXT));
        assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("text/plain");
    }

    @Test
    void threadsThatAskAtOnceAllGetTheSameBytes() throws Exception {
        int threads = 4;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 300; round++) {
                Content content = formats.of(MediaType.JSON, utf8("{\"round\":" + round + ",\"a\":[1,2.5,\"x\"]}"));
                byte[] expected = formats.of(MediaType.JSON, content.toByteArray())
                        .as(MediaType.CBOR)
                        .toByteArray();
                CyclicBarrier start = new CyclicBarrier(threads);
                Callable<Content> ask = () -> {
                    start.await();
                    return content.as(MediaType.CBOR);
                };
                List<Future<Content>> answers = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    answers.add(executor.submit(ask));
                }
                for (Future<Content> answer : answers) {
                    assertThat(answer.get().toByteArray()).isEqualTo(expected);
                    assertThat(answer.get().as(MediaType.JSON)).isSameAs(content);
                }
            }
        }
    }

    @Test
    void writtenValuesLeaveMissingMembersAway() {
        Value value = new Value.Struct(new java.util.TreeMap<>(
                java.util.Map.of("a", new Value.Whole(1), "b", Value.MISSING, "c", Value.NULL)));

        assertThat(Bytes.text(formats.write(MediaType.JSON, value))).isEqualTo("{\"a\":1,\"c\":null}");
    }

    @Test
    void valuesCannotBeWrittenAsOpaqueBytesNorBeyondTheSize() {
        ResourceException opaque =
                catchThrowableOfType(ResourceException.class, () -> formats.write(MediaType.TEXT, Value.NULL));
        ResourceException large = catchThrowableOfType(
                ResourceException.class, () -> formats.write(MediaType.CBOR, new Value.Text("x".repeat(100_000))));

        assertThat(opaque.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(large.code()).isEqualTo(ErrorCode.TOO_LARGE);
    }
}
