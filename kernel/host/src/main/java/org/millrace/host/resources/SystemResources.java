package org.millrace.host.resources;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;
import org.millrace.content.ContentFormats;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/**
 * The system's own resources, such as {@code $sys/health}: JSON that is computed when it is read, so each reading has a
 * version of its own. Safe for use by any thread.
 */
public final class SystemResources {
    private final ContentFormats formats;
    private final Clock clock;
    private final Map<Path, Supplier<Value>> single = new ConcurrentSkipListMap<>();
    private final Map<Path, Supplier<Content>> unlisted = new ConcurrentSkipListMap<>();
    private final Map<String, Supplier<SortedMap<String, Value>>> folders = new ConcurrentSkipListMap<>();
    private final Set<String> followed = new ConcurrentSkipListSet<>();

    /**
     * Starts without resources.
     *
     * @param formats writes the JSON
     * @param clock gives the versions
     */
    public SystemResources(ContentFormats formats, Clock clock) {
        this.formats = formats;
        this.clock = clock;
    }

    /**
     * Adds a resource.
     *
     * @param path starts with {@code $}
     * @param value computes it; called by any thread, must not block
     */
    public void add(String path, Supplier<Value> value) {
        single.put(Path.of(path), value);
    }

    /**
     * Adds a resource that listings leave out, since reading it may be refused or it is no JSON.
     *
     * @param path starts with {@code $}
     * @param content computes it, or throws the refusal; called by any thread, must not block
     */
    public void addUnlisted(String path, Supplier<Content> content) {
        unlisted.put(Path.of(path), content);
    }

    /**
     * Adds resources that come and go.
     *
     * @param folder what their paths begin with, a final slash included
     * @param values computes all of them by the rest of their paths; called by any thread, must not block
     */
    public void addFolder(String folder, Supplier<SortedMap<String, Value>> values) {
        folders.put(folder, values);
    }

    /**
     * Adds resources that come and go and that subscribers are told of: they begin with them, and their owner says each
     * change to {@link ResourceTree#passSystem}.
     *
     * @param folder what their paths begin with, a final slash included
     * @param values computes all of them by the rest of their paths; called by any thread, must not block
     */
    public void addFollowedFolder(String folder, Supplier<SortedMap<String, Value>> values) {
        addFolder(folder, values);
        followed.add(folder);
    }

    /** A resource as it is now. */
    Optional<Entry> get(Path path) {
        Supplier<Value> found = single.get(path);
        if (found != null) {
            return Optional.of(entry(path, found.get()));
        }
        Supplier<Content> content = unlisted.get(path);
        if (content != null) {
            return Optional.of(entry(path, content.get()));
        }
        String text = path.toString();
        for (Map.Entry<String, Supplier<SortedMap<String, Value>>> folder : folders.entrySet()) {
            if (text.startsWith(folder.getKey())) {
                Value value = folder.getValue()
                        .get()
                        .get(text.substring(folder.getKey().length()));
                if (value != null) {
                    return Optional.of(entry(path, value));
                }
            }
        }
        return Optional.empty();
    }

    /** All resources of a table, in the order of their paths. */
    List<Entry> table(String table) {
        SortedMap<Path, Value> all = new TreeMap<>();
        single.forEach((path, value) -> {
            if (path.table().equals(table)) {
                all.put(path, value.get());
            }
        });
        folders.forEach((folder, values) -> {
            if (folder.startsWith(table + "/")) {
                values.get().forEach((name, value) -> all.put(Path.of(folder + name), value));
            }
        });
        List<Entry> entries = new ArrayList<>(all.size());
        all.forEach((path, value) -> entries.add(entry(path, value)));
        return entries;
    }

    /** A followed resource as it is now; empty if there is none at the path. */
    Optional<Entry> followedAt(Path path) {
        return followed(path.toString()).stream()
                .filter(entry -> entry.path().equals(path))
                .findFirst();
    }

    /** Those of the followed resources whose paths begin with a text, as they are now. */
    List<Entry> followed(String prefix) {
        List<Entry> entries = new ArrayList<>();
        for (String folder : followed) {
            if (folder.startsWith(prefix) || prefix.startsWith(folder)) {
                Objects.requireNonNull(folders.get(folder)).get().forEach((name, value) -> {
                    if ((folder + name).startsWith(prefix)) {
                        entries.add(entry(Path.of(folder + name), value));
                    }
                });
            }
        }
        return entries;
    }

    private Entry entry(Path path, Value value) {
        return entry(path, formats.write(MediaType.JSON, value));
    }

    private Entry entry(Path path, Content content) {
        return new Entry(
                path,
                content,
                new Version(clock.millis() << 16, 0),
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
    }
}
