package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sun.misc.Unsafe;

/** An image that ends the process which opens it is reported as that, and hides nothing of the others. */
class PowerCutCheckersTest {
    @TempDir
    Path folder;

    @Test
    void aCrashIsFoundOfTheImageThatCausedItAndOfNoOther() throws Exception {
        int images = 12;
        PowerCutCheckers.Tally found;
        try (PowerCutCheckers checkers = new PowerCutCheckers(CrashingCheck.class, folder)) {
            for (int moment = 0; moment < images; moment++) {
                String kind = moment % 3 == 0 ? "crashing" : "lost";
                checkers.check(moment, Files.createDirectory(folder.resolve(kind + moment)), 5);
            }
            found = checkers.finish();
        }
        assertThat(found.broken()).hasSize(images);
        for (int moment = 0; moment < images; moment++) {
            assertThat(found.broken().get(moment))
                    .startsWith("moment " + moment + ": " + (moment % 3 == 0 ? "CRASHED with exit code " : "LOST "));
        }
        assertThat(found.broken().getFirst()).contains("SIGSEGV");
    }

    /** Loses what it is asked for, or reads where no memory is. */
    static final class CrashingCheck {
        public static void main(String[] args) throws Exception {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.contains("crashing")) {
                    Field unsafe = Unsafe.class.getDeclaredField("theUnsafe");
                    unsafe.setAccessible(true);
                    ((Unsafe) unsafe.get(null)).getLong(0);
                }
                System.out.println("LOST " + line);
            }
        }
    }
}
