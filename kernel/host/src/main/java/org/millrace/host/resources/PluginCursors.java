package org.millrace.host.resources;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.plugin.DurableCursors;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;

/**
 * One plugin's places in the change stream: the records {@code $internal/<plugin id>/cursor/<name>}, each with the
 * cursor's text. Safe for use by any thread.
 */
final class PluginCursors implements DurableCursors {
    private final CursorPins pins;
    private final InternalRecords records;
    private final String pluginId;
    private final String folder;

    PluginCursors(CursorPins pins, InternalRecords records, String pluginId) {
        this.pins = pins;
        this.records = records;
        this.pluginId = pluginId;
        this.folder = InternalRecords.folder(pluginId, "cursor");
    }

    static Cursor decode(byte[] value) {
        return Cursor.parse(new String(value, StandardCharsets.US_ASCII));
    }

    private Path path(String name) {
        return InternalRecords.path(folder, "cursor's name", name);
    }

    @Override
    public Cursor head() {
        return pins.head();
    }

    @Override
    public Optional<Cursor> here(Cursor cursor) {
        return pins.here(cursor);
    }

    @Override
    public Optional<Cursor> get(String name) {
        return records.get(path(name)).map(PluginCursors::decode);
    }

    @Override
    public CompletionStage<Void> save(String name, Cursor cursor) {
        Path path = path(name);
        // A new place is held before it is on disk, an old one until the new one is: whatever a restart finds is there.
        pins.pinIfNew(pluginId, name, cursor);
        return records.put(path, cursor.toString().getBytes(StandardCharsets.US_ASCII))
                .thenAccept(commit -> pins.pin(pluginId, name, cursor));
    }

    @Override
    public CompletionStage<Void> remove(String name) {
        return records.remove(path(name)).thenAccept(commit -> pins.unpin(pluginId, name));
    }
}
