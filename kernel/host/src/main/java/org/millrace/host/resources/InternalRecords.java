package org.millrace.host.resources;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;
import org.millrace.store.WriteRequest;

/**
 * The plugins' private records below {@code $internal/<plugin id>/}: written through the same journal as all others, but
 * out of reach of clients. Safe for use by any thread.
 */
public final class InternalRecords {
    /** Such values are state of a protocol, for example a session with the messages in flight. */
    private static final int MAX_VALUE = 64 << 20;

    private static final int SLICE = 256;
    private static final int SLICE_BYTES = 1 << 20;

    private final ResourceTree tree;
    private final Mailbox mailbox;

    /**
     * Opens the private part of the tree.
     *
     * @param tree the records
     * @param completions where stages complete
     */
    public InternalRecords(ResourceTree tree, Executor completions) {
        this.tree = tree;
        this.mailbox = tree.mailbox(completions);
    }

    /** The folder of one plugin's values of one kind, with its final slash. */
    static String folder(String pluginId, String kind) {
        return "$internal/" + pluginId + "/" + kind + "/";
    }

    /** The path of a key. */
    static Path path(String folder, String what, String key) {
        if (key.isEmpty()) {
            throw new ResourceException(ErrorCode.INVALID, "a " + what + " must not be empty");
        }
        return Path.of(folder + key);
    }

    Optional<byte[]> get(Path path) {
        StoredEntry found = tree.store().get(path);
        return found == null
                ? Optional.empty()
                : Optional.of(found.entry().content().toByteArray());
    }

    CompletionStage<Commit> put(Path path, byte[] value) {
        try {
            return submit(put(tree.formats(), path, value));
        } catch (ResourceException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /** The write that sets a value; fails if it is too large. */
    static Write put(ContentFormats formats, Path path, byte[] value) {
        if (value.length > MAX_VALUE) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the value of '" + path + "' has " + value.length + " bytes; at most " + MAX_VALUE
                            + " are allowed");
        }
        return new Write.Put(path, formats.trusted(MediaType.OCTET_STREAM, value), WriteOptions.DEFAULT);
    }

    CompletionStage<Commit> remove(Path path) {
        return submit(new Write.Delete(path, WriteOptions.DEFAULT));
    }

    private CompletionStage<Commit> submit(Write write) {
        Completion.OfOne completion = new Completion.OfOne(mailbox);
        if (!tree.store().submit(new WriteRequest(List.of(write), "", Durability.FSYNC, completion))) {
            return CompletableFuture.failedStage(new ResourceException(
                    ErrorCode.BUSY, "the host has more writes waiting than it takes; try again a little later"));
        }
        return completion;
    }

    /** Shows all records whose path begins with a text, in order, on the calling thread. May block. */
    void forEach(String prefix, BiConsumer<Path, byte[]> consumer) {
        ScanRange range = ScanRange.prefix(prefix);
        @Nullable Path after = null;
        List<StoredEntry> slice = tree.store().scan(range, null, SLICE, SLICE_BYTES);
        while (!slice.isEmpty()) {
            for (StoredEntry record : new ArrayList<>(slice)) {
                after = record.entry().path();
                consumer.accept(after, record.entry().content().toByteArray());
            }
            slice = tree.store().scan(range, after, SLICE, SLICE_BYTES);
        }
    }
}
