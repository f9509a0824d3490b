package org.millrace.subscription;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;

/**
 * The condition of a live query and the records the subscriber knows to satisfy it. A change tells the new content only,
 * so the members are remembered; their number is bounded. The members are owned by whoever owns the subscription, the
 * condition may be asked by any thread.
 */
final class LiveQuery {
    private final ContentCondition condition;
    private final int maxMembers;
    private final Set<Path> members = new HashSet<>();

    LiveQuery(ContentCondition condition, int maxMembers) {
        this.condition = condition;
        this.maxMembers = maxMembers;
    }

    /** What a change means for the result; null if nothing. An event is shown if its content satisfies the condition. */
    @Nullable
    Reason reason(Change change) {
        boolean matches = change.content().map(this::matches).orElse(false);
        if (!change.kind().altersRecord()) {
            return matches ? Reason.LIVE : null;
        }
        boolean member = members.contains(change.path());
        if (matches) {
            return member ? Reason.UPDATE : Reason.ENTER;
        }
        return member ? Reason.LEAVE : null;
    }

    boolean matches(Content content) {
        return condition.matches(content);
    }

    /**
     * Notes what the subscriber is told.
     *
     * @throws ResourceException {@link ErrorCode#TOO_LARGE} if the result has too many members
     */
    void apply(Path path, Reason reason) {
        switch (reason) {
            case CURRENT, ENTER -> {
                if (members.size() >= maxMembers && !members.contains(path)) {
                    throw new ResourceException(
                            ErrorCode.TOO_LARGE,
                            "the live query has more than " + maxMembers
                                    + " records in its result; narrow its filter or its condition");
                }
                members.add(path);
            }
            case LEAVE -> members.remove(path);
            case UPDATE, LIVE -> {}
        }
    }

    void forget() {
        members.clear();
    }
}
