package org.millrace.host;

import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;
import org.millrace.spi.plugin.Registration;
import org.millrace.subscription.ChangeSource;

/** The journal as the subscriptions follow it. */
record JournalChanges(Journal journal) implements ChangeSource {
    @Override
    public long node() {
        return journal.node();
    }

    @Override
    public long publishedSeq() {
        return journal.publishedSeq();
    }

    @Override
    public long firstSeq() {
        return journal.firstSeq();
    }

    @Override
    public ChangeReader read(long afterSeq) {
        return journal.read(afterSeq);
    }

    @Override
    public Registration onPublished(Runnable wakeup) {
        return journal.onPublished(wakeup);
    }
}
