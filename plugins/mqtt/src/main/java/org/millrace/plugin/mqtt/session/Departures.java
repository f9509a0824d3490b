package org.millrace.plugin.mqtt.session;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.plugin.PluginContext;

/**
 * What becomes of sessions whose connections have ended and that wait for their clients: they are saved, and leave the
 * memory once that is durable. Safe for use by any thread; never blocks.
 */
final class Departures {
    private final PluginContext context;
    private final SessionKeeping keeping;
    private final SessionCopies copies;
    private final Wills wills;
    private final DormantSessions dormant;

    Departures(
            PluginContext context, SessionKeeping keeping, SessionCopies copies, Wills wills, DormantSessions dormant) {
        this.context = context;
        this.keeping = keeping;
        this.copies = copies;
        this.wills = wills;
        this.dormant = dormant;
    }

    /** The hold on a client id that waits, too. */
    interface Hold {
        /** Whether nobody else has taken the client id. */
        boolean isLast();

        /** Lets go of the client id, for the session is on disk alone; false if somebody else has taken it. */
        boolean fallAsleep();

        /** The session has waited in vain; completes when it is over, or at once if somebody else has taken it. */
        CompletionStage<?> expire(SessionState over);
    }

    /** A session that waits in memory. */
    final class Waiting {
        private final SessionState over;
        private final Hold hold;
        private final String clientId;
        private final long leftMillis = context.clock().millis();
        private long alarmMillis = Long.MAX_VALUE;

        Waiting(SessionState over, Hold hold) {
            this.over = over;
            this.hold = hold;
            this.clientId = over.via().clientId();
        }

        /**
         * Begins to wait.
         *
         * @param handOver gives the session to the connection that comes next, if one has come
         */
        void begin(Runnable handOver) {
            SessionHeader header = SessionKeeping.header(over, leftMillis);
            // Before another connection can have it, whose writes must come later.
            CompletionStage<Void> saved = over.generation().isEmpty()
                    ? CompletableFuture.failedStage(new IllegalStateException("the session is not kept"))
                    : keeping.save(header, over).thenRun(() -> copies.changed(clientId));
            Will will = over.will().get();
            CompletionStage<Void> published = will != null && will.delaySeconds() == 0
                    ? wills.publish(over)
                    : CompletableFuture.completedStage(null);
            // Not before it is written that there is no will any more, or that would undo the next connection's will.
            // Nor before it is durable what is under way at QoS 2, for the next connection goes on with that at once.
            CompletionStage<Void> ready = over.flight().isUnderWayAtQos2()
                    ? saved.handle((done, failure) -> done).thenCombine(published, (a, b) -> a)
                    : published;
            CompletionStage<Void> handed = ready.thenRun(handOver);
            saved.thenCombine(handed, (a, b) -> a).whenComplete((done, failure) -> {
                if (failure == null) {
                    dormant.fallAsleep(header, hold::fallAsleep);
                } else {
                    stayInMemory(header);
                }
            });
        }

        /** The session is not on disk. */
        private void stayInMemory(SessionHeader header) {
            setAlarm(header.dueMillis());
            if (!hold.isLast()) {
                stopAlarm();
            }
        }

        private synchronized void setAlarm(long dueMillis) {
            alarmMillis = dueMillis;
            dormant.setAlarm(clientId, dueMillis);
        }

        /** Somebody else has the session. */
        synchronized void stopAlarm() {
            dormant.removeAlarm(clientId, alarmMillis);
        }

        /** Its time has come, or its will's. */
        CompletionStage<?> settle() {
            return wills.isExpired(leftMillis, over)
                    ? hold.expire(over)
                    : wills.publish(over).thenRun(() -> stayInMemory(SessionKeeping.header(over, leftMillis)));
        }
    }
}
