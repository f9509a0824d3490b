package org.millrace.store.kv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Env;
import org.lmdbjava.Txn;

/**
 * A fixed number of LMDB read transactions, each used by one thread at a time. A read costs a claim; only the first
 * after a commit also costs a renewal, after which LMDB has to find its trees anew.
 *
 * <p>A transaction that shows the newest commit stays open between reads. It then keeps no page from being used again
 * that the next write could use: LMDB never reuses what the newest commit has. Before that write begins, the writer
 * {@linkplain #letGo() ends} those that no read is using, so that the write after it finds none.
 *
 * <p>A thread starts at a slot of its own and takes the next free one if that is taken. A claim is held for one short
 * read only, so virtual threads need no slot each: no more claims are held at once than threads run. The one writer may
 * {@link #pause()} the pool, which waits for all claims, since LMDB may be resized or closed only then.
 */
final class ReaderPool {
    private static final int STACK_LINES = 12;
    private static final int SPINS = 64;
    private static final long NAP_NANOS = 20_000;

    private final Env<ByteBuffer> env;
    private final Slot[] slots;
    private volatile boolean paused;
    private volatile boolean closed;

    // Written by the one writer.
    private volatile long commits;

    ReaderPool(Env<ByteBuffer> env, int size) {
        if (Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("pool size " + size + " is no power of two");
        }
        this.env = env;
        this.slots = new Slot[size];
        for (int i = 0; i < size; i++) {
            slots[i] = new Slot();
        }
    }

    /** Claims a slot; its transaction is open. The caller releases it in a finally block. */
    Slot claim() {
        int start = (int) Thread.currentThread().threadId();
        for (int tries = 0; ; tries++) {
            if (closed) {
                throw new KvException(KvException.Kind.CLOSED, "the store is closed");
            }
            if (!paused) {
                Slot slot = slots[(start + tries) & (slots.length - 1)];
                if (slot.tryTake()) {
                    try {
                        slot.open(env, commits);
                        slot.claims++;
                        slot.holder = Thread.currentThread();
                        return slot;
                    } catch (RuntimeException e) {
                        slot.release();
                        throw e;
                    }
                }
            }
            waitABit(tries);
        }
    }

    /** Reads that have been seen going on for so long, each once. One thread at a time. */
    List<Kv.OldReader> old(long nowNanos, long ageNanos) {
        List<Kv.OldReader> old = new ArrayList<>();
        for (Slot slot : slots) {
            if (slot.hasBeenSeenFor(nowNanos, ageNanos)) {
                Thread holder = slot.holder;
                StackTraceElement[] at = holder == null ? new StackTraceElement[0] : holder.getStackTrace();
                old.add(new Kv.OldReader(
                        holder == null ? "a thread" : "thread " + holder.getName(),
                        TimeUnit.NANOSECONDS.toSeconds(nowNanos - slot.seenNanos),
                        Arrays.stream(at)
                                .limit(STACK_LINES)
                                .map(String::valueOf)
                                .collect(Collectors.joining(" < "))));
            }
        }
        return old;
    }

    /** Ends the transactions that no read is using. The writer, before it begins a transaction. */
    void letGo() {
        for (Slot slot : slots) {
            if (slot.isOpen && slot.tryTake()) {
                slot.reset();
                slot.release();
            }
        }
    }

    /** Has reads from now on see what has been committed. The writer, before it tells anybody of the commit. */
    void committed() {
        commits = commits + 1;
    }

    /** Keeps new reads waiting and waits for those under way. One thread at a time. */
    void pause() {
        paused = true;
        for (Slot slot : slots) {
            for (int tries = 0; !slot.tryTake(); tries++) {
                waitABit(tries);
            }
            slot.reset();
        }
    }

    /** Lets reads go on after {@link #pause()}. */
    void resume() {
        for (Slot slot : slots) {
            slot.release();
        }
        paused = false;
    }

    /** Waits for reads under way and ends all transactions; later claims fail. */
    void close() {
        pause();
        closed = true;
        for (Slot slot : slots) {
            slot.end();
        }
    }

    private static void waitABit(int tries) {
        if (tries < SPINS) {
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(NAP_NANOS);
        }
    }

    /** One reusable read transaction with a buffer for keys; owned by whoever has claimed it. */
    static final class Slot {
        private static final VarHandle TAKEN;

        static {
            try {
                TAKEN = MethodHandles.lookup().findVarHandle(Slot.class, "taken", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final ByteBuffer key = ByteBuffer.allocateDirect(Kv.MAX_KEY);

        @SuppressWarnings("UnusedVariable") // through TAKEN
        private volatile boolean taken;

        private @Nullable Txn<ByteBuffer> txn;
        /** Whether {@link #txn} shows a state; the writer looks at this before it has the slot, and may see it late. */
        private volatile boolean isOpen;
        /** How many commits {@link #txn} shows. */
        private long seenCommits;

        // Written by whoever holds the slot and looked at by the watch, which may see them late.
        private long claims;
        private @Nullable Thread holder;

        // The watch's alone.
        private long seenClaims = -1;
        private long seenNanos;
        private boolean told;

        /** Whether the claim that is held now was already held that long ago, and nobody was told of it. */
        private boolean hasBeenSeenFor(long nowNanos, long ageNanos) {
            long now = claims;
            if (!taken || now != seenClaims) {
                seenClaims = taken ? now : -1;
                seenNanos = nowNanos;
                told = false;
                return false;
            }
            if (told || nowNanos - seenNanos < ageNanos) {
                return false;
            }
            told = true;
            return true;
        }

        private boolean tryTake() {
            return !(boolean) TAKEN.getOpaque(this) && TAKEN.compareAndSet(this, false, true);
        }

        private void open(Env<ByteBuffer> env, long commits) {
            if (isOpen) {
                if (seenCommits == commits) {
                    return;
                }
                reset();
            }
            Txn<ByteBuffer> present = txn;
            if (present == null) {
                txn = env.txnRead();
            } else {
                present.renew();
            }
            seenCommits = commits;
            isOpen = true;
        }

        private void reset() {
            if (isOpen) {
                txn().reset();
                isOpen = false;
            }
        }

        Txn<ByteBuffer> txn() {
            Txn<ByteBuffer> present = txn;
            if (present == null) {
                throw new IllegalStateException("slot is not claimed");
            }
            return present;
        }

        /** The slot's key buffer, filled. */
        ByteBuffer key(byte[] bytes) {
            return key.clear().put(bytes).flip();
        }

        /** Gives the slot back, and does not keep the thread: it may be a plugin's, with all that it refers to. */
        void release() {
            holder = null;
            TAKEN.setRelease(this, false);
        }

        private void end() {
            Txn<ByteBuffer> present = txn;
            if (present != null) {
                present.close();
                txn = null;
            }
        }
    }
}
