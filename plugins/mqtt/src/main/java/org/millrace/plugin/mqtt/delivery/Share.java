package org.millrace.plugin.mqtt.delivery;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Subscription;

/**
 * What one client's part in a shared subscription tells its group of the messages it was given; nothing if the
 * subscription is the client's alone. Used by the connection's event loop only.
 */
public final class Share {
    /** Of a subscription that is not shared. */
    static final Share NONE = new Share(null);

    private final @Nullable SharedMember member;

    private Share(@Nullable SharedMember member) {
        this.member = member;
    }

    static Share of(Subscription source) {
        return source instanceof SharedMember member ? new Share(member) : NONE;
    }

    /** A change that this member has not to be sent. */
    void passed(Change change) {
        if (member != null && change.isJournaled()) {
            member.over(change.cursor().position());
        }
    }

    /** A message is this session's to finish. */
    void reserve(Outgoing message) {
        if (member != null && message.hasPlace) {
            member.reserve(message.seq());
        }
    }

    /** What is reserved is durable; null if there is nothing that has to be. */
    @Nullable
    CompletionStage<Void> keepReserved() {
        return member == null ? null : member.keepReserved();
    }

    /** The session remembers a message, so that the group need not. */
    void remembered(Outgoing message) {
        if (member != null && message.hasPlace) {
            member.over(message.seq());
        }
    }

    /** Takes back what this member cannot deliver, in order; marks what others will. */
    void giveBack(List<Outgoing> messages) {
        if (member != null) {
            member.giveBack(messages);
        }
    }

    /** Tells when the group has durably forgotten what this session has finished by now. */
    BooleanSupplier forgotten() {
        if (member == null) {
            return () -> true;
        }
        SharedMember of = member;
        long state = of.nextState();
        return () -> of.isDurable(state);
    }

    /**
     * Makes the group one that outlives its members' connections.
     *
     * @return completes on any thread when that is durable; at once if nothing is shared
     */
    public CompletionStage<Void> keepGroup() {
        return member == null ? CompletableFuture.completedStage(null) : member.keep();
    }
}
