package org.millrace.host.resources;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;

/**
 * Has custom resources decide some writes, one after another. Moves on by itself on whatever thread a resource completes;
 * used by one thread at a time.
 */
final class WriteDecision {
    private final CustomResources resources;
    private final List<Write> asked;
    private final Caller caller;
    private final String viewOf;
    private final CompletableFuture<Decided> done = new CompletableFuture<>();

    private final List<Write> all = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();
    private boolean conditional;

    private Write current;
    private List<CustomResources.Offered> toAsk;
    private int nextToAsk;
    private final List<Write> further = new ArrayList<>();

    /**
     * What is to be written.
     *
     * @param writes all of it, in order
     * @param positions where in it the writes that were asked for stand
     * @param conditional whether a resource made it depend on the state of records
     */
    record Decided(List<Write> writes, List<Integer> positions, boolean conditional) {}

    private WriteDecision(CustomResources resources, List<Write> asked, Caller caller, String viewOf) {
        this.resources = resources;
        this.asked = asked;
        this.caller = caller;
        this.viewOf = viewOf;
        this.current = asked.getFirst();
        this.toAsk = resources.at(current.path(), viewOf);
    }

    /**
     * Begins to decide.
     *
     * @param resources whom to ask
     * @param asked at least one write, already permitted
     * @param caller who asks for them
     * @param viewOf the plugin whose view they came by, whose own resources are not asked
     * @return complete on return if every resource decided at once; fails with a {@link ResourceException} only
     */
    static CompletableFuture<Decided> of(CustomResources resources, List<Write> asked, Caller caller, String viewOf) {
        WriteDecision decision = new WriteDecision(resources, asked, caller, viewOf);
        decision.advance();
        return decision.done;
    }

    private void advance() {
        while (!done.isDone()) {
            if (nextToAsk == toAsk.size()) {
                accept();
                continue;
            }
            CustomResources.Offered at = toAsk.get(nextToAsk++);
            Write write = current;
            CompletableFuture<Accepted> answer =
                    resources.ask(at, write.path(), () -> at.resource().accept(write, caller));
            if (!answer.isDone()) {
                answer.whenComplete((accepted, failure) -> {
                    take(at, accepted, failure);
                    advance();
                });
                return;
            }
            answer.whenComplete((accepted, failure) -> take(at, accepted, failure));
        }
    }

    /** Takes one resource's answer. */
    private void take(CustomResources.Offered at, @Nullable Accepted accepted, @Nullable Throwable failure) {
        if (accepted == null) {
            done.completeExceptionally(ResourceException.from(failure == null ? new NullPointerException() : failure));
            return;
        }
        Write write = accepted.write();
        if (!write.path().equals(current.path())) {
            done.completeExceptionally(defect(
                    at, "accepted a write at '" + write.path() + "' in place of one at '" + current.path() + "'"));
            return;
        }
        for (Write extra : accepted.further()) {
            Path path = extra.path();
            if (path.isSystem()) {
                done.completeExceptionally(defect(at, "adds a write at '" + path + "', which is the system's"));
                return;
            }
            conditional |= !(extra.options().precondition() instanceof Precondition.None);
        }
        conditional |= !write.options().precondition().equals(current.options().precondition());
        current = write;
        further.addAll(accepted.further());
    }

    private static ResourceException defect(CustomResources.Offered at, String what) {
        return new ResourceException(
                ErrorCode.INTERNAL, "plugin " + at.pluginId() + " " + what + "; report it to the plugin's author");
    }

    /** All resources have accepted the present write. */
    private void accept() {
        positions.add(all.size());
        all.add(current);
        all.addAll(further);
        further.clear();
        if (positions.size() == asked.size()) {
            done.complete(new Decided(all, positions, conditional));
            return;
        }
        current = asked.get(positions.size());
        toAsk = resources.at(current.path(), viewOf);
        nextToAsk = 0;
    }
}
