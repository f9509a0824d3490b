package org.millrace.host.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;

/**
 * A subscriber that asks for a few changes at a time and remembers what it was told. Its lists are owned by its executor;
 * the test looks at them through {@link #on}.
 */
final class Follower implements Subscriber, AutoCloseable {
    final SubscribeRequest request;
    final TopicFilter filter;
    final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Random random;
    private boolean drains;
    private Subscription running;

    final List<Change> live = new ArrayList<>();
    final Map<Path, Change> shown = new TreeMap<>();
    final Map<Path, Change> result = new TreeMap<>();
    final List<String> faults = new ArrayList<>();
    boolean caughtUp;
    private Supplier<CompletionStage<Commit>> marking;
    /** Written when the present state was complete: nothing that was shown can be from behind it. */
    private CompletionStage<Commit> mark;

    Follower(SubscribeRequest request, long seed) {
        this.request = request;
        this.filter = request.filters().getFirst();
        this.random = new Random(seed);
    }

    Follower follow(Resources view) {
        Subscription subscription = view.subscribe(request, this);
        on(() -> {
            running = subscription;
            subscription.request(1 + random.nextInt(3));
        });
        return this;
    }

    /** Leaves an event in the log once the present state is complete. Before {@link #follow}. */
    Follower marking(Supplier<CompletionStage<Commit>> marking) {
        on(() -> this.marking = marking);
        return this;
    }

    /** Waits for the present state to be complete and for the event behind it. */
    void awaitMark() {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            boolean[] marked = new boolean[1];
            on(() -> marked[0] = mark != null && mark.toCompletableFuture().isDone());
            return marked[0];
        });
    }

    void on(Runnable task) {
        try {
            executor.submit(task).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** From now on as fast as can be. */
    void drain() {
        on(() -> {
            drains = true;
            running.request(Long.MAX_VALUE);
        });
    }

    /** Ends, and tells where to go on. */
    Cursor leave() {
        Cursor[] at = new Cursor[1];
        on(() -> {
            at[0] = running.position();
            running.close();
        });
        executor.shutdown();
        return at[0];
    }

    @Override
    public void onChange(Change change, Reason reason) {
        if (isTransient(change)) {
            return;
        }
        switch (reason) {
            case CURRENT -> {
                if (shown.put(change.path(), change) != null) {
                    faults.add("shown twice: " + change);
                }
                result.put(change.path(), change);
            }
            case LIVE -> {
                live.add(change);
                if (change.kind().removesRecord()) {
                    result.remove(change.path());
                } else if (change.kind().altersRecord()) {
                    result.put(change.path(), change);
                }
            }
            case ENTER -> {
                if (result.put(change.path(), change) != null) {
                    faults.add("entered twice: " + change);
                }
            }
            case UPDATE -> {
                if (result.put(change.path(), change) == null) {
                    faults.add("updated before it entered: " + change);
                }
            }
            case LEAVE -> result.remove(change.path());
        }
        if (!drains && random.nextInt(4) > 0) {
            running.request(1);
        }
    }

    /** Events in memory have the place of the change before them. */
    static boolean isTransient(Change change) {
        return change.source().startsWith("memory");
    }

    @Override
    public void onBatchEnd() {
        if (!drains) {
            running.request(1);
        }
    }

    @Override
    public void onCaughtUp(Cursor at) {
        caughtUp = true;
        if (marking != null) {
            mark = marking.get();
        }
    }

    @Override
    public void onGap(Gap gap) {
        shown.clear();
        result.clear();
        live.clear();
    }

    @Override
    public void onClosed(ResourceException reason) {
        faults.add("closed: " + reason);
    }

    /**
     * Each path's live changes are what the log has behind the state that was shown, with neither gap nor repetition. A
     * record that is there may have been read in a newer state than its place says; the changes up to it are then not
     * told. One that is not there leaves no such trace: changes up to its removal are told, though it was never shown.
     */
    void assertJoinsUp(ModelTree model) {
        on(() -> {
            long complete = mark.toCompletableFuture().join().cursor().position();
            assertThat(faults).isEmpty();
            Map<Path, List<Change>> byPath = new TreeMap<>();
            live.stream()
                    .filter(c -> c.kind().altersRecord())
                    .forEach(c -> byPath.computeIfAbsent(c.path(), _ -> new ArrayList<>())
                            .add(c));
            model.altered.forEach((path, all) -> {
                if (!filter.matches(path)) {
                    return;
                }
                List<Change> told = byPath.getOrDefault(path, List.of());
                int rest = all.size() - told.size();
                assertThat(rest).as("changes of %s", path).isGreaterThanOrEqualTo(0);
                assertThat(told)
                        .extracting(Change::version)
                        .containsExactlyElementsOf(all.subList(rest, all.size()).stream()
                                .map(Change::version)
                                .toList());
                Change before = shown.get(path);
                if (before == null) {
                    boolean gone = rest == 0
                            || all.subList(rest - 1, all.size()).stream()
                                    .anyMatch(c -> c.cursor().position() < complete && canBeAbsentAfter(c));
                    assertThat(gone)
                            .as("%s was absent when the state was shown", path)
                            .isTrue();
                } else {
                    assertThat(before.version()).isEqualTo(all.get(rest - 1).version());
                }
            });
        });
    }

    /** A record whose time is over is not shown, although it takes a moment until it is swept away. */
    private static boolean canBeAbsentAfter(Change change) {
        return change.kind().removesRecord() || change.expiresAt().isBefore(WriteOptions.NEVER);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
