package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the journal needs of a file system, so that tests can cut the power, fill the disk and break it. The real one
 * is {@link #system()}.
 */
public interface JournalFiles {
    /**
     * The files of the operating system.
     *
     * @return shared by all; safe for use by any thread
     */
    static JournalFiles system() {
        return SystemFiles.INSTANCE;
    }

    /**
     * Makes a directory and its missing parents, so that they survive a power cut.
     *
     * @param directory may exist
     * @throws IOException on failure
     */
    void createDirectories(Path directory) throws IOException;

    /**
     * The names of the files in a directory.
     *
     * @param directory an existing directory
     * @return names without the directory, in no particular order
     * @throws IOException on failure
     */
    List<String> list(Path directory) throws IOException;

    /**
     * Makes a new file, to be read and written.
     *
     * @param file must not exist
     * @return the open file
     * @throws IOException on failure
     */
    JournalFile create(Path file) throws IOException;

    /**
     * Opens an existing file, to be read and written.
     *
     * @param file must exist
     * @return the open file
     * @throws IOException on failure; {@link java.nio.file.NoSuchFileException} if it does not exist
     */
    JournalFile open(Path file) throws IOException;

    /**
     * Opens an existing file, to be read only.
     *
     * @param file must exist
     * @return the open file, with its own place and life
     * @throws IOException on failure; {@link java.nio.file.NoSuchFileException} if it does not exist
     */
    JournalFile openReadOnly(Path file) throws IOException;

    /**
     * Renames a file within its directory, in one step. Survives a power cut after {@link #syncDirectory}.
     *
     * @param from an existing file, which may be open
     * @param to must not exist
     * @throws IOException on failure
     */
    void rename(Path from, Path to) throws IOException;

    /**
     * Deletes a file. Readers that have it open may read on.
     *
     * @param file nothing happens if it does not exist
     * @throws IOException on failure
     */
    void delete(Path file) throws IOException;

    /**
     * Makes what was created, renamed and deleted in a directory survive a power cut.
     *
     * @param directory an existing directory
     * @throws IOException on failure
     */
    void syncDirectory(Path directory) throws IOException;

    /**
     * How much can still be written.
     *
     * @param directory an existing directory
     * @return bytes
     * @throws IOException on failure
     */
    long usableSpace(Path directory) throws IOException;
}
