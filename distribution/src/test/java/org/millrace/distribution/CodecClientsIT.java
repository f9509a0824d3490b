package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CBOR and MessagePack as the codecs of other makers read and write them: Node's cbor-x and msgpackr. */
class CodecClientsIT {
    @TempDir
    Path folder;

    @Test
    void cborXAndMsgpackrAgreeWithWhatIsEncodedAndDecodedHere() throws Exception {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            String base = host.url("/").toString().replaceFirst("/$", "");
            Process node = new ProcessBuilder("node", "src/test/clients/codecs.mjs", base)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output).isEqualTo("agreed\n");
        }
    }
}
