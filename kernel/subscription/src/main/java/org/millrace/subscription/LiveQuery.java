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
 *
 * <p><b>Resuming.</b> A subscriber that goes on from a cursor brings records along that nobody here remembers. Whatever
 * it was not told of since then is therefore taken for one of them: a change that makes it not match is shown as leaving,
 * once. A record too many that leaves harms nobody; one that stays for good in a result it no longer belongs to does.
 */
final class LiveQuery {
    private final ContentCondition condition;
    private final int maxMembers;
    private final Set<Path> members = new HashSet<>();
    /** Those told to have left, of a subscriber that brought some along; null for one that began with nothing. */
    private @Nullable Set<Path> strangers;

    LiveQuery(ContentCondition condition, int maxMembers, boolean resumed) {
        this.condition = condition;
        this.maxMembers = maxMembers;
        this.strangers = resumed ? new HashSet<>() : null;
    }

    /** What a change means for the result; null if nothing. An event is shown if its content satisfies the condition. */
    @Nullable
    Reason reason(Change change) {
        Path path = change.path();
        boolean matches = change.content().map(c -> matches(path, c)).orElse(false);
        if (!change.kind().altersRecord()) {
            return matches ? Reason.LIVE : null;
        }
        if (matches) {
            return members.contains(path) ? Reason.UPDATE : Reason.ENTER;
        }
        return mayBeMember(path) ? Reason.LEAVE : null;
    }

    private boolean mayBeMember(Path path) {
        Set<Path> left = strangers;
        return members.contains(path) || (left != null && !left.contains(path));
    }

    boolean matches(Path path, Content content) {
        return condition.matches(path, content);
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
            case LEAVE -> leave(path);
            case UPDATE, LIVE -> {}
        }
    }

    private void leave(Path path) {
        members.remove(path);
        Set<Path> left = strangers;
        if (left != null) {
            if (left.size() >= maxMembers) {
                // Some will be shown as leaving a second time.
                left.clear();
            }
            left.add(path);
        }
    }

    /** Forgets the members: the present state is shown anew, behind which nothing is unknown. */
    void forget() {
        members.clear();
        strangers = null;
    }
}
