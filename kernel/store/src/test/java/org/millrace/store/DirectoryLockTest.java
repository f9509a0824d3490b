package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
    @TempDir
    Path directory;

    @Test
    void aSecondLockOfTheSameProcessIsRefusedAndHurtsNothing() throws Exception {
        try (DirectoryLock lock = DirectoryLock.acquire(directory)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> DirectoryLock.acquire(directory))
                        .isInstanceOf(StoreOpenException.class)
                        .hasMessageContaining(lock.directory().toString())
                        .hasMessageContaining("this process");
            }
            // Closing a second channel would have given up the first one's lock.
            try (ForkedJvm other = ForkedJvm.start(LockHolder.class, directory.toString())) {
                assertThat(other.readLine()).startsWith("refused: ");
            }
        }
    }

    @Test
    void aDirectoryInUseByAnotherProcessIsRefusedNamingBoth() throws Exception {
        try (ForkedJvm other = ForkedJvm.start(LockHolder.class, directory.toString())) {
            assertThat(other.readLine()).isEqualTo("locked");
            assertThatThrownBy(() -> DirectoryLock.acquire(directory))
                    .isInstanceOf(StoreOpenException.class)
                    .hasMessageContaining(directory.toRealPath().toString())
                    .hasMessageContaining("process " + other.pid())
                    .hasMessageContaining("set another data directory");
            other.kill();
            DirectoryLock.acquire(directory).close();
        }
    }

    @Test
    void aClosedLockIsFreeAgain() {
        for (int i = 0; i < 3; i++) {
            DirectoryLock lock = DirectoryLock.acquire(directory);
            lock.close();
            lock.close();
        }
    }

    @Test
    void aFileInPlaceOfTheDirectoryIsReported() throws Exception {
        Path file = Files.createFile(directory.resolve("data"));
        assertThatThrownBy(() -> DirectoryLock.acquire(file))
                .isInstanceOf(StoreOpenException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("Check that it exists and is writable");
    }

    /** Locks the directory, says so, and stays until killed. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] args) throws Exception {
            try (DirectoryLock lock = DirectoryLock.acquire(Path.of(args[0]))) {
                System.out.println("locked");
                System.in.read();
            } catch (StoreOpenException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }
}
