/**
 * Several nodes, one tree of records. What this node decides goes from its journal to a NATS JetStream stream; what
 * others decided comes from there into this node's journal, with its own versions. Off unless configured: a single node
 * needs no NATS.
 *
 * <p>The decisions are free of I/O and are tested by simulation:
 *
 * <ul>
 *   <li>{@code Outbox}: which changes are under way to the stream, what is acknowledged, where to go on after a failure.
 *   <li>{@code Inbox}: in which order messages may be applied. Each names the change of its origin before it, so what is
 *       missing, repeated or out of order is seen, per origin.
 *   <li>{@link org.millrace.store.ConflictRule}: which of two versions of a record prevails; the store's writer asks it.
 * </ul>
 *
 * <p>The tables may be divided among several streams ({@code Lane}). Each has an outbox, an inbox and places of its own, so
 * that what one stream carries of a node is like a node of its own ({@code Origin}); {@code Streams} has all of them, and
 * what has to wait for all.
 *
 * <p>Clients go from node to node: {@code Claims} has what one node alone may hold let go by the others, {@code
 * ForeignCursors} finds for a place in another node's journal the one to go on from here, and {@code ForeignHolds} keeps
 * what lies behind it.
 *
 * <p>How far this node has come with each origin is a private record, written in the same group of the journal as the
 * changes themselves ({@code Positions}): after a crash neither is there without the other, so nothing is applied twice
 * and nothing is passed over.
 */
@NullMarked
package org.millrace.replication;

import org.jspecify.annotations.NullMarked;
