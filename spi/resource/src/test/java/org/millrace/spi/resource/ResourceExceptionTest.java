package org.millrace.spi.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ResourceExceptionTest {
    @Test
    void isFoundInsideWhatFuturesWrapAroundIt() {
        ResourceException refusal = new ResourceException(ErrorCode.BUSY, "queue full");

        assertThat(ResourceException.from(new CompletionException(refusal))).isSameAs(refusal);
    }

    @Test
    void anyOtherFailureBecomesInternalAndKeepsItsTextFromTheClient() {
        ResourceException translated = ResourceException.from(new IllegalStateException("secret path"));

        assertThat(translated.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(translated.getMessage()).doesNotContain("secret");
        assertThat(translated).hasCauseInstanceOf(IllegalStateException.class);
    }
}
