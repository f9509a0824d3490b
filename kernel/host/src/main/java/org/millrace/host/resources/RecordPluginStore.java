package org.millrace.host.resources;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Path;

/** One plugin's private map: the records {@code $internal/<plugin id>/store/<key>}. Safe for use by any thread. */
public final class RecordPluginStore implements PluginStore {
    private final InternalRecords records;
    private final String folder;

    /**
     * Opens a plugin's map.
     *
     * @param records the private records
     * @param pluginId the plugin
     */
    public RecordPluginStore(InternalRecords records, String pluginId) {
        this.records = records;
        this.folder = InternalRecords.folder(pluginId, "store");
    }

    private Path path(String key) {
        return InternalRecords.path(folder, "key", key);
    }

    @Override
    public Optional<byte[]> get(String key) {
        return records.get(path(key));
    }

    @Override
    public CompletionStage<Void> put(String key, byte[] value) {
        return records.put(path(key), value).thenAccept(commit -> {});
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        return records.remove(path(key)).thenAccept(commit -> {});
    }

    @Override
    public void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
        records.forEach(
                folder + prefix,
                (path, value) -> consumer.accept(path.toString().substring(folder.length()), value));
    }
}
