package org.millrace.subscription;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

/**
 * Which subscriptions a path concerns. Those that take nothing for long rest: they are counted, and not looked at for each
 * change. Safe for use by any thread.
 */
final class Followers {
    private final TopicTrie<ChangeSubscription> awake = new TopicTrie<>();
    private final TopicTrie<ChangeSubscription> resting = new TopicTrie<>();
    /** Held by whoever moves a subscription from one to the other, or takes it out of either. */
    private final Object between = new Object();

    void add(ChangeSubscription subscription) {
        for (TopicFilter filter : subscription.interest().filters()) {
            awake.add(filter, subscription);
        }
    }

    void remove(ChangeSubscription subscription) {
        synchronized (between) {
            for (TopicFilter filter : subscription.interest().filters()) {
                if (!awake.remove(filter, subscription)) {
                    resting.remove(filter, subscription);
                }
            }
        }
    }

    /** Shows those that a path concerns and that do not rest. */
    void match(Path path, Once found) {
        awake.match(path, found);
    }

    /** How many a path concerns and may see it. */
    int count(Path path) {
        Count count = new Count(path);
        awake.match(path, count);
        resting.match(path, count);
        return count.count();
    }

    /** The first levels of their filters; empty if some filter matches any, or there are more than so many. */
    Optional<Set<String>> tables(int most) {
        Set<String> tables = new HashSet<>();
        boolean named = awake.addFirstLevels(tables, most + 1) & resting.addFirstLevels(tables, most + 1);
        return named && tables.size() <= most ? Optional.of(tables) : Optional.empty();
    }

    /** Takes a parked subscription out of the fan-out thread's way. */
    void rest(ChangeSubscription subscription) {
        synchronized (between) {
            if (subscription.become(Ownership.PARKED, Ownership.RESTING)) {
                for (TopicFilter filter : subscription.interest().filters()) {
                    resting.add(filter, subscription);
                    awake.remove(filter, subscription);
                }
            }
        }
    }

    /** Brings it back, because there is demand. */
    void rouse(ChangeSubscription subscription) {
        synchronized (between) {
            if (subscription.become(Ownership.RESTING, Ownership.PARKED)) {
                for (TopicFilter filter : subscription.interest().filters()) {
                    awake.add(filter, subscription);
                    resting.remove(filter, subscription);
                }
            }
        }
    }
}
