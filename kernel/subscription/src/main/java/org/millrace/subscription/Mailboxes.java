package org.millrace.subscription;

import java.util.IdentityHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One mailbox per executor, as long as there is a subscription on it. Any thread. */
final class Mailboxes {
    private final Consumer<Mailbox> onRefused;
    // Guarded by this.
    private final IdentityHashMap<Executor, Usage> usages = new IdentityHashMap<>();

    private static final class Usage {
        final Mailbox mailbox;
        int subscriptions;

        Usage(Mailbox mailbox) {
            this.mailbox = mailbox;
        }
    }

    /**
     * Has none yet.
     *
     * @param onRefused called if an executor takes no more tasks
     */
    Mailboxes(Consumer<Mailbox> onRefused) {
        this.onRefused = onRefused;
    }

    /** The mailbox of an executor, for one more subscription. */
    synchronized Mailbox acquire(Executor executor) {
        Usage usage = usages.computeIfAbsent(executor, e -> new Usage(new Mailbox(e, onRefused)));
        usage.subscriptions++;
        return usage.mailbox;
    }

    /** A subscription on this mailbox ended. */
    synchronized void release(Mailbox mailbox) {
        Usage usage = usages.get(mailbox.executor());
        if (usage != null && usage.mailbox == mailbox && --usage.subscriptions == 0) {
            usages.remove(mailbox.executor());
        }
    }
}
