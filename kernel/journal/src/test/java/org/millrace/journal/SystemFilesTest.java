package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemFilesTest {
    @TempDir
    Path directory;

    private final JournalFiles files = JournalFiles.system();

    @Test
    void whatIsWrittenCanBeRead() throws IOException {
        Path path = directory.resolve("a");
        try (JournalFile file = files.create(path)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5);
            file.sync();
            assertThat(file.size()).isEqualTo(8);
            ByteBuffer read = ByteBuffer.allocate(10);
            assertThat(file.read(read, 4)).isEqualTo(4);
            assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 1, 2, 3}));
            assertThat(file.read(ByteBuffer.allocate(1), 8)).isZero();
        }
    }

    @Test
    void aFileIsCreatedOnceAndOpenedIfItIsThere() throws IOException {
        Path path = directory.resolve("a");
        assertThatThrownBy(() -> files.open(path)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.openReadOnly(path)).isInstanceOf(NoSuchFileException.class);
        files.create(path).close();
        assertThatThrownBy(() -> files.create(path)).isInstanceOf(FileAlreadyExistsException.class);
        files.open(path).close();
    }

    @Test
    void namesAreListedRenamedAndDeleted() throws IOException {
        Path made = directory.resolve("x/y");
        files.createDirectories(made);
        files.createDirectories(made);
        files.create(made.resolve("a")).close();
        files.rename(made.resolve("a"), made.resolve("b"));
        files.syncDirectory(made);
        assertThat(files.list(made)).containsExactly("b");
        files.delete(made.resolve("b"));
        files.delete(made.resolve("b"));
        assertThat(files.list(made)).isEmpty();
        assertThat(files.usableSpace(made)).isPositive();
    }

    @Test
    void aFullDiskIsToldFromAFailingOne() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "needs /dev/full");
        try (JournalFile file = files.open(full)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(10), 0))
                    .isInstanceOf(NoSpaceException.class)
                    .hasMessageContaining("/dev/full");
        }
    }

    @Test
    void aFailureThatIsNotAFullDiskStaysWhatItIs() throws IOException {
        Path path = directory.resolve("a");
        files.create(path).close();
        try (JournalFile file = files.openReadOnly(path)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(10), 0)).isNotInstanceOf(NoSpaceException.class);
        }
    }
}
