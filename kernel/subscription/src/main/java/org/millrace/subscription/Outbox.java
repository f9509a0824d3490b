package org.millrace.subscription;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Reason;

/**
 * Collects what one thread has to deliver, so that each executor gets it at once. Used by one thread.
 *
 * <p>It must be flushed before a subscription with signals in it passes to another owner; otherwise the next owner's
 * signals could overtake them.
 */
final class Outbox {
    private static final int KEPT_MAILBOXES = 64;

    private final Map<Mailbox, Batch> staged = new IdentityHashMap<>();
    private final List<Mailbox> filled = new ArrayList<>();
    private @Nullable Mailbox lastMailbox;
    private @Nullable Batch lastBatch;
    private Signal.@Nullable Show lastLive;

    void add(ChangeSubscription to, Signal signal) {
        Mailbox mailbox = to.mailbox();
        Batch batch = lastBatch;
        if (batch == null || mailbox != lastMailbox) {
            batch = staged.computeIfAbsent(mailbox, m -> new Batch());
            lastMailbox = mailbox;
            lastBatch = batch;
        }
        if (batch.size() == 0) {
            filled.add(mailbox);
        }
        batch.add(to, signal);
    }

    /** The signal of a change, one object for all its subscribers. */
    Signal.Show show(Change change, Reason reason) {
        if (reason != Reason.LIVE) {
            return new Signal.Show(change, reason);
        }
        Signal.Show last = lastLive;
        if (last == null || last.change() != change) {
            last = new Signal.Show(change, reason);
            lastLive = last;
        }
        return last;
    }

    /** Hands everything over; each executor concerned gets at most one task. */
    void flush() {
        for (Mailbox mailbox : filled) {
            Batch batch = staged.get(mailbox);
            if (batch != null) {
                mailbox.post(batch);
                batch.clear();
            }
        }
        filled.clear();
        lastLive = null;
        if (staged.size() > KEPT_MAILBOXES) {
            // Executors come and go; those that are gone must not be kept alive here.
            staged.clear();
            lastMailbox = null;
            lastBatch = null;
        }
    }
}
