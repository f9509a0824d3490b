package org.millrace.subscription;

import org.millrace.spi.resource.Path;

/** Counts the subscriptions a path reaches. */
final class Count extends Once {
    private final Path path;
    private int count;

    Count(Path path) {
        this.path = path;
    }

    @Override
    void take(ChangeSubscription subscription) {
        count += subscription.interest().isVisible(path) ? 1 : 0;
    }

    int count() {
        return count;
    }
}
