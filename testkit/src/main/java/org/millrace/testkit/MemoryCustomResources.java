package org.millrace.testkit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;

/** The custom resources of a host in memory. Waits for slow ones as long as they like. Safe for use by any thread. */
final class MemoryCustomResources implements Extensions.Consumer<CustomResource> {
    private final List<Offered> offered = new CopyOnWriteArrayList<>();

    private record Offered(String pluginId, CustomResource resource) {}

    /** What resources made of some writes: all writes, where the clients' own stand, and whether they are conditional. */
    record Decided(List<Write> writes, List<Integer> positions, boolean conditional) {
        static final Decided NOTHING = new Decided(List.of(), List.of(), false);

        Decided plus(Write asked, Accepted accepted) {
            List<Write> all = new ArrayList<>(writes);
            List<Integer> at = new ArrayList<>(positions);
            at.add(all.size());
            all.add(accepted.write());
            all.addAll(accepted.further());
            boolean altered = !accepted.write()
                    .options()
                    .precondition()
                    .equals(asked.options().precondition());
            boolean depends = accepted.further().stream()
                    .anyMatch(w -> !(w.options().precondition() instanceof Precondition.None));
            return new Decided(all, at, conditional || altered || depends);
        }
    }

    @Override
    public void added(String pluginId, CustomResource resource) {
        offered.add(new Offered(pluginId, resource));
    }

    @Override
    public void removed(String pluginId, CustomResource resource) {
        offered.remove(new Offered(pluginId, resource));
    }

    boolean concern(Path path, String viewOf) {
        return !at(path, viewOf).isEmpty();
    }

    private List<Offered> at(Path path, String viewOf) {
        return path.isSystem()
                ? List.of()
                : offered.stream()
                        .filter(o -> !o.pluginId.equals(viewOf))
                        .filter(o -> o.resource.filters().stream().anyMatch(f -> f.matches(path)))
                        .sorted(Comparator.comparingInt((Offered o) -> o.resource.priority())
                                .thenComparing(Offered::pluginId))
                        .toList();
    }

    CompletableFuture<Optional<Entry>> read(Path path, Optional<Entry> stored, Caller caller, String viewOf) {
        CompletableFuture<Optional<Entry>> read = CompletableFuture.completedFuture(stored);
        for (Offered at : at(path, viewOf)) {
            read = read.thenCompose(before -> ask(at, () -> at.resource.read(path, before, caller)));
        }
        return read;
    }

    CompletableFuture<Decided> decide(List<Write> writes, Caller caller, String viewOf) {
        CompletableFuture<Decided> all = CompletableFuture.completedFuture(Decided.NOTHING);
        for (Write write : writes) {
            all = all.thenCompose(
                    before -> accept(write, caller, viewOf).thenApply(accepted -> before.plus(write, accepted)));
        }
        return all;
    }

    private CompletableFuture<Accepted> accept(Write write, Caller caller, String viewOf) {
        CompletableFuture<Accepted> accepted = CompletableFuture.completedFuture(Accepted.of(write));
        for (Offered at : at(write.path(), viewOf)) {
            accepted = accepted.thenCompose(before -> ask(at, () -> at.resource.accept(before.write(), caller))
                    .thenApply(next -> {
                        check(at, write.path(), next);
                        return new Accepted(next.write(), before.further())
                                .and(next.further().toArray(Write[]::new));
                    }));
        }
        return accepted;
    }

    private static void check(Offered at, Path path, Accepted accepted) {
        if (!accepted.write().path().equals(path)
                || accepted.further().stream().anyMatch(w -> w.path().isSystem())) {
            throw new ResourceException(
                    ErrorCode.INTERNAL,
                    "plugin " + at.pluginId + " accepted a write at another path than '" + path
                            + "', or adds one at a path of the system");
        }
    }

    private static <T> CompletableFuture<T> ask(Offered at, Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            question.get().whenComplete((result, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(ResourceException.from(failure));
                } else if (result == null) {
                    answer.completeExceptionally(
                            new ResourceException(ErrorCode.INTERNAL, "plugin " + at.pluginId + " decided null"));
                } else {
                    answer.complete(result);
                }
            });
        } catch (RuntimeException | LinkageError e) {
            answer.completeExceptionally(ResourceException.from(e));
        }
        return answer;
    }
}
