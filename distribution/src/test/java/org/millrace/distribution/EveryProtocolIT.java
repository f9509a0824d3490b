package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever writes, all see it. */
class EveryProtocolIT {
    private static final int OPERATIONS = 10_000;

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenThroughOneProtocolIsSeenThroughAllInTheSameOrder() {
        int seed =
                Integer.getInteger("millrace.seed", ThreadLocalRandom.current().nextInt(1 << 30));
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"));
                NodeScript script = NodeScript.start(
                        "every-protocol.mjs", host.port("http"), host.port("mqtt"), OPERATIONS, seed)) {
            assertThat(script.line()).as("with -Dmillrace.seed=%d", seed).startsWith(OPERATIONS + " operations");
            script.awaitEnd();
        }
    }
}
