package org.millrace.spi.resource;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.plugin.Extensions;

/**
 * Application logic at some paths: it is asked about each write there before it is accepted, and about each read. A plugin
 * implements it and offers it at {@link #POINT}; from then on it holds for the clients of every protocol.
 *
 * <p><b>Whom it hears.</b> Writes and reads of clients, after their grants were checked. It does not hear those of its own
 * plugin's views, nor the writes that a custom resource adds, so logic never calls itself; nor anything at a system's path
 * ({@code $...}). Where several are concerned with a path, they are asked one after another in the order of their
 * {@link #priority}, each given what the one before made of it.
 *
 * <p><b>Threads.</b> The methods are called on the thread of the client that writes or reads, normally an event loop, or
 * on the one where the resource before completed; several at once for different clients. They must not block. What takes
 * its time returns a stage that completes later, on any thread: {@link org.millrace.spi.plugin.PluginContext#executor()}
 * runs what blocks. A client's writes keep their order, so a stage that is slow holds that client's further writes back,
 * and nobody else's; the host waits for it no longer than {@code plugins.resource-timeout}. The thread that orders all
 * writes is never held up.
 *
 * <p><b>Failures.</b> A {@link ResourceException}, thrown or the failure of the stage, is the answer to the client, in the
 * terms of its protocol. Everything else is a defect of the plugin: the log has it, the client is told
 * {@link ErrorCode#INTERNAL}, and nothing is written.
 *
 * @since 0.1
 */
public interface CustomResource {
    /** Where custom resources are {@link Extensions#offer offered}. */
    ExtensionPoint<CustomResource> POINT = new ExtensionPoint<>("custom-resource", CustomResource.class);

    /**
     * Which paths it is asked about. Read once, when it is offered.
     *
     * @return at least one filter
     */
    List<TopicFilter> filters();

    /**
     * Where it stands among others at the same path.
     *
     * @return lower is asked first
     */
    default int priority() {
        return 100;
    }

    /**
     * Decides a write before it is accepted: refuses it with a {@link ResourceException}, or accepts it as it is, altered,
     * or together with further writes in one transaction. A {@link Resources#post} comes as a {@link Write.Put} whose path
     * is chosen and whose precondition is {@link Precondition#ABSENT}; each write of a transaction comes by itself, and
     * what is accepted of all becomes one transaction.
     *
     * <p>Between the decision and the writing others may write. Logic that computes from what it has read puts a
     * {@link Precondition} on the write that depends on it: if it does not hold, this method is asked again with the same
     * write, a few times, and then the client is told {@link ErrorCode#CONFLICT}.
     *
     * @param write as the client asked, or as the resource before accepted it
     * @param caller who writes
     * @return what is to be written
     */
    default CompletionStage<Accepted> accept(Write write, Caller caller) {
        return CompletableFuture.completedStage(Accepted.of(write));
    }

    /**
     * Gives a record as a client is to read it with {@link Resources#get}: as it is stored, altered, or computed
     * altogether ({@link Entry#computed}). Queries and subscriptions show what is stored; to have computed values there,
     * write them.
     *
     * @param path what is read
     * @param stored what is stored there, or what the resource before gave
     * @param caller who reads
     * @return the record, or empty if there is to be none
     */
    default CompletionStage<Optional<Entry>> read(Path path, Optional<Entry> stored, Caller caller) {
        return CompletableFuture.completedStage(stored);
    }
}
