package org.millrace.subscription;

import java.util.ArrayList;
import java.util.List;

/** Gathers the subscriptions a path concerns. */
final class Matches extends Once {
    private final List<ChangeSubscription> found = new ArrayList<>();

    @Override
    void take(ChangeSubscription subscription) {
        found.add(subscription);
    }

    List<ChangeSubscription> found() {
        return found;
    }

    @Override
    void clear() {
        found.clear();
        super.clear();
    }
}
