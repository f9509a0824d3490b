package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;

/**
 * Keeps the journal from being cut before the sessions have read it, by one durable cursor for all of them. A session
 * that is too far behind is no longer waited for, so that a client which never comes back cannot fill the disk.
 */
public final class JournalHold {
    private static final String NAME = "sessions";
    private static final long PERIOD_SECONDS = 30;

    private final PluginContext context;
    private final Sessions sessions;
    private final SharedGroups shares;
    private final long maxLag;
    private @Nullable Cursor held;
    private int givenUp;

    /**
     * Makes it; {@link #start} begins.
     *
     * @param context keeps the cursor
     * @param sessions whose places
     * @param shares whose places, too
     * @param maxLag how many changes a session may be behind
     */
    public JournalHold(PluginContext context, Sessions sessions, SharedGroups shares, long maxLag) {
        this.context = context;
        this.sessions = sessions;
        this.shares = shares;
        this.maxLag = maxLag;
    }

    /** Holds the journal where an earlier run did, until {@link #update} knows all places. */
    public synchronized void start() {
        held = context.cursors().get(NAME).orElse(null);
        context.scheduler().scheduleWithFixedDelay(this::update, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** Saving is a change itself, which must not be what the next one is saved for: an idle host would write forever. */
    private boolean isWorthSaving(Cursor next) {
        Cursor present = held;
        return present == null
                || present.node() != next.node()
                || next.position() < present.position()
                || next.position() > present.position() + 1;
    }

    /** Holds the journal where it is needed now. Any thread. */
    public synchronized void update() {
        JournalPlaces places = new JournalPlaces(context.cursors().head(), maxLag);
        sessions.addTo(places);
        shares.forEachPlace(places::add);
        if (!places.isComplete()) {
            return; // as before, until all are known
        }
        if (places.givenUp() > givenUp) {
            context.log().log(
                    Level.WARNING,
                    "{0} mqtt sessions and shared subscriptions are more than {1} changes behind"
                        + " (mqtt.max-session-lag); the journal is no longer kept for them, and once it is cut their"
                        + " clients start anew",
                    places.givenUp(),
                    maxLag);
        }
        givenUp = places.givenUp();
        Cursor next = places.earliest();
        if (isWorthSaving(next)) {
            held = next;
            context.cursors().save(NAME, next).whenComplete((done, failure) -> {
                if (failure != null) {
                    context.log().log(Level.DEBUG, () -> "the journal is held where it was: " + failure.getMessage());
                }
            });
        }
    }
}
