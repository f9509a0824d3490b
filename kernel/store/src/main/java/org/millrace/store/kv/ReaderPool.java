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
 * A fixed number of LMDB read transactions, each used by one thread at a time and reset in between, so that a read
 * costs a claim and a renewal instead of a new transaction.
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
                        slot.open(env);
                        slot.claims++;
                        slot.holder = Thread.currentThread();
                        return slot;
                    } catch (RuntimeException e) {
                        slot.free();
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

    /** Keeps new reads waiting and waits for those under way. One thread at a time. */
    void pause() {
        paused = true;
        for (Slot slot : slots) {
            for (int tries = 0; !slot.tryTake(); tries++) {
                waitABit(tries);
            }
        }
    }

    /** Lets reads go on after {@link #pause()}. */
    void resume() {
        for (Slot slot : slots) {
            slot.free();
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

        private void free() {
            TAKEN.setRelease(this, false);
        }

        private void open(Env<ByteBuffer> env) {
            Txn<ByteBuffer> present = txn;
            if (present == null) {
                txn = env.txnRead();
            } else {
                present.renew();
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

        /** Ends the read and gives the slot back. */
        void release() {
            txn().reset();
            free();
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
