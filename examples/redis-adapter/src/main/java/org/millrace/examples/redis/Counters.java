package org.millrace.examples.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.content.Contents;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.WriteOptions;

/**
 * Adds to numbers. An addition reads and then writes at the version it has read; clients that add to one number at a time
 * would undo each other's work, so additions of one user that come while a write is on its way go into the next one
 * together. Each gets its own result. Shared by all connections; safe for use by any thread.
 */
final class Counters {
    private final Contents contents;
    private final Map<Counter, Deque<Addition>> waiting = new HashMap<>();

    /** Additions are gathered by user as well: the host checks the grants of the one whose view writes. */
    private record Counter(Path path, Identity who) {}

    private record Addition(Resources resources, long amount, CompletableFuture<Long> result) {}

    Counters(Contents contents) {
        this.contents = contents;
    }

    /** Adds to the number at a path, which begins at 0, and gives what it then is. */
    CompletionStage<Long> add(Resources resources, Path path, long amount) {
        Counter counter = new Counter(path, resources.identity());
        CompletableFuture<Long> result = new CompletableFuture<>();
        Addition addition = new Addition(resources, amount, result);
        synchronized (waiting) {
            Deque<Addition> others = waiting.get(counter);
            if (others != null) {
                others.add(addition);
                return result;
            }
            waiting.put(counter, new ArrayDeque<>());
        }
        write(counter, List.of(addition));
        return result;
    }

    private void write(Counter counter, List<Addition> additions) {
        together(counter, additions).whenComplete((sums, failure) -> {
            if (failure == null) {
                for (int i = 0; i < additions.size(); i++) {
                    additions.get(i).result().complete(sums.get(i));
                }
                next(counter);
            } else if (additions.size() == 1) {
                additions.getFirst().result().completeExceptionally(failure);
                next(counter);
            } else {
                // What refuses one of them, or the end of the client whose view wrote, must not refuse the others.
                oneByOne(counter, additions);
            }
        });
    }

    private void oneByOne(Counter counter, List<Addition> additions) {
        Addition first = additions.getFirst();
        together(counter, List.of(first)).whenComplete((sums, failure) -> {
            if (failure == null) {
                first.result().complete(sums.getFirst());
            } else {
                first.result().completeExceptionally(failure);
            }
            if (additions.size() > 1) {
                oneByOne(counter, additions.subList(1, additions.size()));
            } else {
                next(counter);
            }
        });
    }

    /** Adds all in one write and gives the sum behind each. */
    private CompletionStage<List<Long>> together(Counter counter, List<Addition> additions) {
        Resources resources = additions.getFirst().resources();
        List<Long> sums = new ArrayList<>(additions.size());
        return Values.update(resources, counter.path(), entry -> {
                    sums.clear();
                    return put(resources, counter.path(), entry, additions, sums);
                })
                .thenApply(reply -> sums);
    }

    private CompletionStage<Reply> put(
            Resources resources, Path path, Optional<Entry> entry, List<Addition> additions, List<Long> sums) {
        long sum =
                entry.map(found -> StringCommands.number(Values.bytes(found))).orElse(0L);
        for (Addition addition : additions) {
            try {
                sum = Math.addExact(sum, addition.amount());
            } catch (ArithmeticException e) {
                throw new RedisException("ERR increment or decrement would overflow");
            }
            sums.add(sum);
        }
        WriteOptions options = WriteOptions.DEFAULT
                .withPrecondition(Values.unchanged(entry))
                .withExpiresAt(entry.map(Entry::expiresAt).orElse(WriteOptions.NEVER));
        byte[] text = Long.toString(sum).getBytes(StandardCharsets.US_ASCII);
        return resources.put(path, contents.detect(text), options).thenApply(commit -> Reply.OK);
    }

    /** Writes what gathered meanwhile; each connection waits for its own addition, so that is at most one of each. */
    private void next(Counter counter) {
        List<Addition> gathered;
        synchronized (waiting) {
            Deque<Addition> others = waiting.get(counter);
            if (others == null || others.isEmpty()) {
                waiting.remove(counter);
                return;
            }
            gathered = List.copyOf(others);
            others.clear();
        }
        write(counter, gathered);
    }
}
