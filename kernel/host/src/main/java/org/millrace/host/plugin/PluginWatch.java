package org.millrace.host.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the plugins directory from time to time and says what changed, once the change has come to rest: a jar that is
 * still being copied grows from look to look, and its zip directory comes last. It looks instead of being told, because
 * many file systems that containers mount tell nothing. Used by one thread at a time.
 */
final class PluginWatch {
    /** So many looks alike make even a jar that is no zip file a matter to report. */
    private static final int UNREADABLE_LOOKS = 10;

    private final Path directory;
    private final Map<Path, Seen> seen = new HashMap<>();
    private final Set<Path> missing = new HashSet<>();

    private static final class Seen {
        private PluginSource.@Nullable Fingerprint latest;
        private PluginSource.@Nullable Fingerprint reported;
        private int looks;
    }

    /** Something that came to rest. */
    sealed interface Difference {
        /** A jar or folder that is new, or differs from what was reported of it before. */
        record Present(PluginSource source) implements Difference {}

        /** A jar or folder that is gone. */
        record Gone(Path path) implements Difference {}
    }

    PluginWatch(Path directory) {
        this.directory = directory;
    }

    /** Takes the sources as known: they are reported when they differ from what they are now. */
    void know(List<PluginSource> sources) throws IOException {
        for (PluginSource source : sources) {
            seen.computeIfAbsent(source.path(), path -> new Seen()).reported = source.fingerprint();
        }
    }

    /**
     * Looks once.
     *
     * @return first what is gone, so that a plugin that was moved frees its id, then what is there
     */
    List<Difference> look() throws IOException {
        List<Difference> gone = new ArrayList<>();
        List<Difference> present = new ArrayList<>();
        List<PluginSource> sources = PluginSource.in(directory);
        Set<Path> paths = new HashSet<>();
        for (PluginSource source : sources) {
            paths.add(source.path());
            if (isNews(source, seen.computeIfAbsent(source.path(), path -> new Seen()))) {
                present.add(new Difference.Present(source));
            }
        }
        for (Iterator<Path> known = seen.keySet().iterator(); known.hasNext(); ) {
            Path path = known.next();
            if (paths.contains(path)) {
                missing.remove(path);
            } else if (!missing.add(path)) {
                // Twice in a row: not the moment between the removal of a jar and its successor's arrival.
                missing.remove(path);
                known.remove();
                gone.add(new Difference.Gone(path));
            }
        }
        gone.addAll(present);
        return gone;
    }

    private static boolean isNews(PluginSource source, Seen was) throws IOException {
        PluginSource.Fingerprint now = source.fingerprint();
        was.looks = now.equals(was.latest) ? was.looks + 1 : 1;
        was.latest = now;
        boolean atRest = was.looks >= 2 && (was.looks >= UNREADABLE_LOOKS || source.disabled() || source.isComplete());
        if (now.equals(was.reported) || !atRest) {
            return false;
        }
        was.reported = now;
        return true;
    }
}
