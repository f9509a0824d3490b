package org.millrace.host.resources;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.WriteRequest;

/**
 * A stage that waits for the store: told on the writer thread, completed on its mailbox's executor. It links itself into
 * the mailbox, so that an acknowledged write costs no object beyond this one.
 */
abstract class Completion<T> extends CompletableFuture<T> implements WriteRequest.Outcome {
    private final Mailbox mailbox;

    /** The next in the mailbox; owned by the mailbox. */
    @Nullable
    Completion<?> next;

    // Written before the mailbox takes this and read behind it, so they need no fence of their own.
    private List<Commit> commits = List.of();
    private @Nullable ResourceException refusal;

    Completion(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    @Override
    public final void committed(List<Commit> result) {
        commits = result;
        mailbox.gather(this);
    }

    @Override
    public final void refused(ResourceException reason) {
        refusal = reason;
        mailbox.deliver(this);
    }

    /** Runs on the executor. */
    final void settle() {
        if (refusal != null) {
            fail(refusal);
        } else {
            succeed(commits);
        }
    }

    /** The writes are done. */
    abstract void succeed(List<Commit> result);

    /** The writes were refused. */
    void fail(ResourceException reason) {
        completeExceptionally(reason);
    }

    /** One write. */
    static final class OfOne extends Completion<Commit> {
        OfOne(Mailbox mailbox) {
            super(mailbox);
        }

        @Override
        void succeed(List<Commit> result) {
            complete(result.getFirst());
        }
    }

    /** A transaction. */
    static final class OfAll extends Completion<List<Commit>> {
        OfAll(Mailbox mailbox) {
            super(mailbox);
        }

        @Override
        void succeed(List<Commit> result) {
            complete(result);
        }
    }

    /** A moment: the store takes writes again. */
    static final class OfMoment extends Completion<Void> {
        OfMoment(Mailbox mailbox) {
            super(mailbox);
        }

        @Override
        void succeed(List<Commit> result) {
            complete(null);
        }
    }
}
