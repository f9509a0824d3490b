package org.millrace.subscription;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Collects the subscriptions a path concerns, each once, although one may match by several filters. */
final class Matches implements Consumer<ChangeSubscription> {
    private final List<ChangeSubscription> found = new ArrayList<>();
    private final Set<ChangeSubscription> several = Collections.newSetFromMap(new IdentityHashMap<>());

    @Override
    public void accept(ChangeSubscription subscription) {
        if (subscription.filters().size() == 1 || several.add(subscription)) {
            found.add(subscription);
        }
    }

    List<ChangeSubscription> found() {
        return found;
    }

    void clear() {
        found.clear();
        if (!several.isEmpty()) {
            several.clear();
        }
    }
}
