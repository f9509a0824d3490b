package org.millrace.subscription;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the subscriptions a path concerns, each once, although one may match by several filters. Used by one thread.
 */
abstract class Once implements Consumer<ChangeSubscription> {
    /** Those with several filters; most have one, so this is made on demand. */
    private @Nullable Set<ChangeSubscription> several;

    @Override
    public final void accept(ChangeSubscription subscription) {
        if (subscription.interest().filters().size() == 1 || isFirst(subscription)) {
            take(subscription);
        }
    }

    private boolean isFirst(ChangeSubscription subscription) {
        Set<ChangeSubscription> seen = several;
        if (seen == null) {
            seen = Collections.newSetFromMap(new IdentityHashMap<>());
            several = seen;
        }
        return seen.add(subscription);
    }

    abstract void take(ChangeSubscription subscription);

    /** Begins anew. */
    void clear() {
        if (several != null) {
            several.clear();
        }
    }
}
