package org.millrace.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Puts a file where a host looks for plugins, so that the host never sees a part of it. */
final class StagedFile {
    private StagedFile() {}

    /** Copies a file into place. */
    static Path copyInto(Path from, Path to) throws IOException {
        Path part = Files.createTempFile(to.toAbsolutePath().getParent(), "plugin", ".part");
        Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
        return moveInto(part, to);
    }

    /** Moves a file of the same folder into place. */
    static Path moveInto(Path part, Path to) throws IOException {
        return Files.move(part, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
