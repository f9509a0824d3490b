package org.millrace.subscription;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Collects the subscriptions a path concerns, each once, although one may match by several filters. */
final class Matches implements Consumer<ChangeSubscription> {
    private final List<ChangeSubscription> found = new ArrayList<>();
    /** Those with several filters; most have one, so this is made on demand. */
    private @Nullable Set<ChangeSubscription> several;

    @Override
    public void accept(ChangeSubscription subscription) {
        if (subscription.interest().filters().size() == 1 || isFirst(subscription)) {
            found.add(subscription);
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

    List<ChangeSubscription> found() {
        return found;
    }

    void clear() {
        found.clear();
        if (several != null) {
            several.clear();
        }
    }
}
