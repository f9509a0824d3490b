/**
 * An ordered map of bytes on disk, and nothing else: the seam behind which LMDB lives.
 *
 * <p>{@link org.millrace.store.kv.Kv} is all that the store knows. {@link org.millrace.store.kv.LmdbKv} implements it
 * with one LMDB environment whose commits are always synced. LMDB's modes without syncs lost or corrupted data in
 * simulated power cuts, and a map written through memory was slower; neither is offered.
 *
 * <p>Two rules of LMDB shape this package. A read transaction that stays open keeps every page freed since then from
 * being reused, so reads here are short, and the bytes they show are gone when the call returns. The map may be resized
 * only while no transaction is open, so readers go through a bounded pool that can be emptied for a moment.
 */
@NullMarked
package org.millrace.store.kv;

import org.jspecify.annotations.NullMarked;
