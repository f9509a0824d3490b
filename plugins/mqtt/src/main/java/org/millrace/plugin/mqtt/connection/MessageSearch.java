package org.millrace.plugin.mqtt.connection;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.Search;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/**
 * Finds again what an earlier connection was sent: as the record it was, or else in the journal. Used by the
 * connection's event loop.
 */
final class MessageSearch implements Search {
    private final Resources resources;

    MessageSearch(Resources resources) {
        this.resources = resources;
    }

    @Override
    public void find(Orphan orphan, Consumer<@Nullable Change> then) {
        Path path = orphan.path();
        if (path == null) {
            then.accept(null);
            return;
        }
        resources.get(path).whenComplete((entry, failure) -> {
            if (failure == null && entry.isPresent() && entry.get().version().equals(orphan.version())) {
                then.accept(change(entry.get(), orphan.place()));
            } else {
                readJournal(path, orphan, then);
            }
        });
    }

    private static Change change(Entry entry, Cursor place) {
        return Change.of(ChangeKind.PUT, entry.path(), entry.version(), place)
                .content(entry.content())
                .properties(entry.properties())
                .expiresAt(entry.expiresAt())
                .qos(entry.qos())
                .build();
    }

    private void readJournal(Path path, Orphan orphan, Consumer<@Nullable Change> then) {
        Reading reading = new Reading(orphan, then);
        try {
            Subscription source = resources.subscribe(
                    SubscribeRequest.every(TopicFilter.exactly(path), new Start.After(orphan.before())), reading);
            reading.source = source;
            source.request(1);
        } catch (ResourceException gone) {
            then.accept(null); // the journal does not reach back so far
        }
    }

    /** The first change behind the place before is the one, or it is not there. */
    private static final class Reading implements Subscriber {
        private final Orphan orphan;
        private final Consumer<@Nullable Change> then;
        private @Nullable Subscription source;
        private boolean answered;

        Reading(Orphan orphan, Consumer<@Nullable Change> then) {
            this.orphan = orphan;
            this.then = then;
        }

        private void answer(@Nullable Change change) {
            if (!answered) {
                answered = true;
                if (source != null) {
                    source.close();
                }
                then.accept(change);
            }
        }

        @Override
        public void onChange(Change change, Reason reason) {
            answer(change.version().equals(orphan.version()) ? change : null);
        }

        @Override
        public void onCaughtUp(Cursor at) {
            answer(null);
        }

        @Override
        public void onClosed(ResourceException reason) {
            answer(null);
        }
    }
}
