package org.millrace.subscription;

import java.util.List;
import java.util.function.Predicate;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** An engine without threads over a tree in memory: the test says who works when, so each run is the same. */
final class SteppedEngine {
    static final Predicate<Path> ALL = path -> true;

    final MemoryTree tree = new MemoryTree();
    final QueueExecutor readers = new QueueExecutor();
    final QueueExecutor loop = new QueueExecutor();
    final SubscriptionEngine engine;

    SteppedEngine() {
        this(SubscriptionOptions.DEFAULTS);
    }

    SteppedEngine(SubscriptionOptions options) {
        engine = new SubscriptionEngine(tree, tree, options, readers);
    }

    Subscription every(String filter, Start start, Subscriber subscriber) {
        return engine.subscribe(SubscribeRequest.every(TopicFilter.of(filter), start), subscriber, loop, ALL);
    }

    Subscription latest(String filter, Start start, Subscriber subscriber) {
        return engine.subscribe(SubscribeRequest.latest(TopicFilter.of(filter), start), subscriber, loop, ALL);
    }

    static SubscribeRequest request(Start start, Overflow overflow, String... filters) {
        return new SubscribeRequest(
                List.of(filters).stream().map(TopicFilter::of).toList(), start, overflow, "");
    }

    /** Has everyone work until nobody has anything to do. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = engine.turn();
            busy |= readers.runAll();
            busy |= loop.runAll();
        }
    }
}
