package org.millrace.store.kv;

import java.nio.file.Path;
import java.util.Set;
import org.lmdbjava.EnvFlags;

/** Opens maps for measurements, with read-ahead by the operating system or without. */
public final class LmdbOfChoice {
    private LmdbOfChoice() {}

    /** Opens a map. */
    public static Kv open(Path directory, long mapBytes, boolean readAhead) {
        return LmdbKv.open(
                directory,
                mapBytes,
                readAhead ? Set.of(EnvFlags.MDB_NOTLS) : Set.of(EnvFlags.MDB_NOTLS, EnvFlags.MDB_NORDAHEAD));
    }
}
