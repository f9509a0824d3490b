/**
 * Who hears of which change, and from where they go on.
 *
 * <p>{@link org.millrace.subscription.SubscriptionEngine} is the entry. It stands between a
 * {@link org.millrace.subscription.ChangeSource} (the journal) and a {@link org.millrace.subscription.RecordSource}
 * (the store) on one side and {@link org.millrace.spi.resource.Subscriber subscribers} on the other.
 *
 * <p><b>The way of a change.</b> One fan-out thread follows the source in order. A {@code TopicTrie} tells which
 * subscriptions a change's path concerns; each takes one unit of its demand, and the deliveries are staged in an
 * {@code Outbox}, which hands them to one {@code Mailbox} per executor. A mailbox has at most one task scheduled, which
 * calls the subscribers and then ends the batch of each. Events that are never journaled go from the publisher's thread
 * straight to the mailboxes.
 *
 * <p><b>Who owns a subscription.</b> At any moment exactly one party may move a subscription forward, and its state
 * ({@code Ownership}) says which: nobody ({@code PARKED}: it holds a position), the reader pool or the queue before the
 * fan-out thread ({@code ACTIVE}), or the fan-out thread ({@code LIVE}, {@code BEHIND}). Without demand at a matching
 * change it is parked at the position before; if changes go on to pass it by, it rests ({@code RESTING}) where matching does
 * not find it, so that a client that has stalled costs nothing. When demand returns, {@code CatchUp} reads the journal from there in
 * slices, in turn with the others that lag, and hands it to the fan-out thread, which delivers the small rest and makes
 * it live: the same thread that delivers live changes decides the hand-over, so there is neither gap nor repetition.
 * Every start is the same way in: a new subscription is parked at its starting position.
 *
 * <p><b>Present state.</b> {@code PresentScan} reads the matching records in slices. Before each slice it notes the
 * newest published place, its watermark; a change up to the watermark of the slice that covered its path is part of
 * what was shown and is skipped afterwards. So nothing is remembered per record, however long the scan is paused.
 *
 * <p><b>Latest.</b> A {@code LATEST} subscription without demand collects the newest change per path in a bounded
 * {@code Conflation}; beyond the bound it is told of a gap and shown the present state anew. If it takes nothing for long it
 * gives the collection up for a place in the journal, and collects again from there when there is demand.
 */
@NullMarked
package org.millrace.subscription;

import org.jspecify.annotations.NullMarked;
