/**
 * The present state of every record, and the one place where writes are ordered.
 *
 * <p>{@link org.millrace.store.RecordStore} is the way in. A write goes through a bounded queue to the one writer
 * thread, which decides it against the newest state, appends it to the journal and makes the batch durable. From then
 * on the change is true: it enters the overlay, where every reader finds it, is published to the journal's readers, and
 * is acknowledged. The applier thread moves the overlay to disk in the background, sorted and coalesced, so that a
 * thousand writes of one record cost one; the map on disk is a materialised view of the journal and says up to which
 * {@code seq} it is complete. After a crash the journal's rest is replayed.
 *
 * <p>The parts, in the order of a write:
 *
 * <ul>
 *   <li>{@code SubmitQueue}: bounded by requests and bytes, many producers, one consumer.
 *   <li>{@code Writer} and {@code Batch}: preconditions, merges, sequence numbers, versions, atomic groups.
 *   <li>{@code Overlay} and {@code Generation}: what is decided but not yet in the map on disk.
 *   <li>{@code Applier}, {@code Replay} and {@code RecordTree}: how it gets there, in the running store and after a
 *       crash. {@code RecordKey} and {@code RecordCodec} are its form on disk.
 *   <li>{@code RecordReader}: reads over overlay and disk.
 *   <li>{@code ValueKey}, {@code IndexKey} and {@code IndexTree}: secondary indexes, which the applier's transactions
 *       keep in step with the records; {@code IndexWorker} builds and drops them between those. {@code Generation} has
 *       the entries of what is not applied yet, {@code IndexMerge} brings both together, {@code RecordsByIndex} and
 *       {@code RecordsInOrder} read records by them for queries. {@link org.millrace.store.IndexVerifier} compares
 *       indexes with records.
 *   <li>{@code ExpirySweep}: finds records whose time ran out.
 * </ul>
 *
 * <p>Mutable structures have one owner each: the writer thread owns the batch, the applier thread owns write
 * transactions. What several threads touch is the queue, the overlay's maps and a few volatile numbers.
 */
@NullMarked
package org.millrace.store;

import org.jspecify.annotations.NullMarked;
