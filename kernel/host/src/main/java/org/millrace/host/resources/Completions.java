package org.millrace.host.resources;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The mailboxes that acknowledgements go to. All views on one of the host's event loops share a mailbox, so that a batch
 * costs one task, and so one wake-up, for each loop and not for each connection; other executors get one for each view.
 */
final class Completions {
    private final IdentityHashMap<Executor, Mailbox> loops = new IdentityHashMap<>();

    /** The mailboxes the present batch has something for. Owned by the writer thread. */
    private final List<Mailbox> gathered = new ArrayList<>();

    Completions(EventLoopGroup group) {
        for (EventExecutor loop : group) {
            loops.put(loop, new Mailbox(loop, this));
        }
    }

    Mailbox mailbox(Executor executor) {
        Mailbox shared = loops.get(executor);
        return shared != null ? shared : new Mailbox(executor, this);
    }

    /** Writer thread only. */
    void gathered(Mailbox mailbox) {
        if (!mailbox.gathering) {
            mailbox.gathering = true;
            gathered.add(mailbox);
        }
    }

    /** A batch has been acknowledged. Writer thread only. */
    void wakeGathered() {
        for (int i = 0; i < gathered.size(); i++) {
            Mailbox mailbox = gathered.get(i);
            mailbox.gathering = false;
            mailbox.wake();
        }
        gathered.clear();
    }
}
