package org.millrace.subscription;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;

/** Writes down what it is told, in words: {@code live a/b=1}, {@code caught up 3}, {@code end of batch}. */
final class Recorder implements Subscriber {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final boolean batches;
    private BiConsumer<Change, Reason> onChange = (change, reason) -> {};

    Recorder() {
        this(false);
    }

    private Recorder(boolean batches) {
        this.batches = batches;
    }

    /** Writes the ends of batches down, too. */
    static Recorder withBatches() {
        return new Recorder(true);
    }

    Recorder then(BiConsumer<Change, Reason> action) {
        onChange = action;
        return this;
    }

    List<String> told() {
        return List.copyOf(told);
    }

    List<String> take() {
        List<String> taken = told();
        told.clear();
        return taken;
    }

    @Override
    public void onChange(Change change, Reason reason) {
        String state =
                change.content().map(TextContent::of).map(text -> "=" + text).orElse(" gone");
        told.add(reason.name().toLowerCase(java.util.Locale.ROOT) + " " + change.path() + state);
        onChange.accept(change, reason);
    }

    @Override
    public void onCaughtUp(Cursor at) {
        told.add("caught up " + at.position());
    }

    @Override
    public void onGap(Gap gap) {
        told.add("gap " + gap.after().position() + " " + gap.until().position());
    }

    @Override
    public void onBatchEnd() {
        if (batches) {
            told.add("end of batch");
        }
    }

    @Override
    public void onClosed(ResourceException reason) {
        told.add("closed " + reason.code().id());
    }
}
