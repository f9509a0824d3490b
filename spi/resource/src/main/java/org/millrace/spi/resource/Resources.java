package org.millrace.spi.resource;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.ImplementedByHost;
import org.millrace.spi.plugin.PluginStore;

/**
 * One client's authorised view of the tree of records: the verbs every protocol translates to. The host implements it
 * and checks the client's grants in every call.
 *
 * <p><b>Threads.</b> A view is opened with an executor, normally the event loop of the client's connection. Methods may
 * be called on any thread. Stages complete, and subscribers are called, on that executor; a stage that is complete when
 * a method returns was completed on the calling thread. Writes submitted by one thread are ordered as they were
 * submitted.
 *
 * <p><b>Errors.</b> A refusal is a {@link ResourceException}, thrown at once or as the failure of the stage;
 * {@link ResourceException#from} unwraps either.
 *
 * <p><b>Back-pressure.</b> The host's queues are bounded. A write beyond the bound fails with {@link ErrorCode#BUSY}.
 * A plugin that can stop reading its socket asks {@link #isSaturated()} and waits for {@link #whenReady()} instead.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Resources extends AutoCloseable {
    /**
     * Whose view this is.
     *
     * @return the identity it was opened with
     */
    Identity identity();

    /**
     * Reads a record. For a stored record the stage is complete on return.
     *
     * @param path the record
     * @return the record, or empty if there is none; fails with {@link ErrorCode#FORBIDDEN} without the grant
     */
    CompletionStage<Optional<Entry>> get(Path path);

    /**
     * Applies one write.
     *
     * @param write what to do
     * @return completes when the change is as durable as asked
     */
    CompletionStage<Commit> write(Write write);

    /**
     * Applies one write and sets a value of the plugin's own store, both or neither: after a crash either both are there
     * or none is. The value is as durable as the write. An event of {@link Durability#MEMORY} becomes one of
     * {@link Durability#OS}, for it is journaled with its value.
     *
     * @param write what to do
     * @param beside the value to set in the {@link PluginStore} of the plugin that opened this view
     * @return completes when both are as durable as asked
     * @since 0.1
     */
    CompletionStage<Commit> write(Write write, PluginStore.Update beside);

    /**
     * Applies several writes as one: all or none, adjacent in the order of the journal, one after another against the
     * state the earlier ones leave.
     *
     * @param writes at least one
     * @return the commits in the order of the writes; fails as a whole
     */
    CompletionStage<List<Commit>> transact(List<Write> writes);

    /**
     * Applies several writes as one, as {@link #transact(List)} does, and sets values of the plugin's own store with them,
     * all or none: after a crash either all is there or nothing is. The values are as durable as the writes, and on disk
     * where there are no writes.
     *
     * @param writes may be empty
     * @param beside the values to set in the {@link PluginStore} of the plugin that opened this view; with the writes, at
     *     least one thing to do
     * @return the commits in the order of the writes; fails as a whole
     * @since 0.1
     */
    CompletionStage<List<Commit>> transact(List<Write> writes, List<PluginStore.Update> beside);

    /**
     * Creates a record with a new id, made from the time so that ids of one node ascend.
     *
     * @param table where
     * @param content what it holds
     * @param options what else is asked; its precondition is ignored
     * @return the commit, which names the new path
     */
    CompletionStage<Commit> post(String table, Content content, WriteOptions options);

    /**
     * Asks a table. The rows are produced as the subscriber requests them, on the view's executor, from slices read
     * elsewhere; cancelling ends the work. The result is not one instant's picture: each slice is.
     *
     * @param query the question
     * @param rows receives the rows; fails with {@link ErrorCode#INVALID} for a malformed query (the message points at
     *     the position)
     */
    void query(Query query, Flow.Subscriber<? super Row> rows);

    /**
     * Follows changes. Nothing is delivered before the first {@link Subscription#request}, nor before this method has
     * returned.
     *
     * @param request what to follow
     * @param subscriber receives the changes
     * @return the running subscription
     * @throws ResourceException {@link ErrorCode#FORBIDDEN}, {@link ErrorCode#INVALID} for a malformed query or a
     *     cursor of another node, {@link ErrorCode#EXPIRED_CURSOR}
     */
    Subscription subscribe(SubscribeRequest request, Subscriber subscriber);

    /**
     * Whether the client may follow a path. The host asks this itself for what it shows; a plugin asks it for what it makes
     * up on its own and shows beside, as figures under {@code $}.
     *
     * @param path any path
     * @return false without the grant
     * @since 0.1
     */
    boolean maySubscribe(Path path);

    /**
     * Asks whether writes to a path would be refused whatever they bring: for lack of a grant, or since its table has to
     * be declared and is not. For protocols that open a way before anything is sent on it, as AMQP's links are; each write
     * is checked all the same.
     *
     * @param path any path
     * @param kind {@link ChangeKind#EVENT} for a message, {@link ChangeKind#DELETE} for a removal, else a write of the
     *     record
     * @return {@link ErrorCode#FORBIDDEN} or {@link ErrorCode#NOT_FOUND}; empty if a write may succeed
     * @since 0.1
     */
    Optional<ResourceException> refusal(Path path, ChangeKind kind);

    /**
     * How many subscriptions a change of this path would reach now: MQTT's "no matching subscribers", Redis' count.
     *
     * @param path any path
     * @return a count that other threads may be altering
     */
    int subscriberCount(Path path);

    /**
     * Whether the host's write queue is nearly full, so that reading more from clients is unwise.
     *
     * @return true while writers should pause
     */
    boolean isSaturated();

    /**
     * Completes when writers may go on; already complete if they may now.
     *
     * @return completes on the view's executor
     */
    CompletionStage<Void> whenReady();

    /**
     * Sets a record's content.
     *
     * @param path the record
     * @param content its new content
     * @param options what else is asked
     * @return completes when the change is as durable as asked
     */
    default CompletionStage<Commit> put(Path path, Content content, WriteOptions options) {
        return write(new Write.Put(path, content, options));
    }

    /**
     * Merges a patch into a record.
     *
     * @param path the record
     * @param patch what to merge
     * @param options what else is asked
     * @return completes when the change is as durable as asked
     */
    default CompletionStage<Commit> patch(Path path, Content patch, WriteOptions options) {
        return write(new Write.Patch(path, patch, options));
    }

    /**
     * Removes a record.
     *
     * @param path the record
     * @param options what else is asked
     * @return completes when the change is as durable as asked
     */
    default CompletionStage<Commit> delete(Path path, WriteOptions options) {
        return write(new Write.Delete(path, options));
    }

    /**
     * Sends an event.
     *
     * @param path where to
     * @param content the message
     * @param options what else is asked
     * @return completes when the change is as durable as asked
     */
    default CompletionStage<Commit> publish(Path path, Content content, WriteOptions options) {
        return write(new Write.Publish(path, content, options));
    }

    /** Closes the view and its subscriptions. Writes already submitted still take effect. */
    @Override
    void close();
}
