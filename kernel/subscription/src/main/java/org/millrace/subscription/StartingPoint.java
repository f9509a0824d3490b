package org.millrace.subscription;

import java.util.function.UnaryOperator;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;

/**
 * Where a subscription is when it is made.
 *
 * @param position up to here it has seen the changes
 * @param presentState whether the present state is shown first
 * @param pastUntil what is up to there is past, which it catches up with; {@link #NO_PAST} if nothing is
 */
record StartingPoint(long position, boolean presentState, long pastUntil) {
    static final long NO_PAST = -1;

    /**
     * The place a subscriber asks for.
     *
     * @param elsewhere finds the place here that a cursor of another node stands for, or gives it back as it is
     * @throws ResourceException {@link ErrorCode#INVALID} for a cursor of another node, {@link ErrorCode#EXPIRED_CURSOR}
     *     if the journal does not have what follows it
     */
    static StartingPoint of(Start start, ChangeSource changes, UnaryOperator<Cursor> elsewhere) {
        long head = changes.publishedSeq();
        return switch (start) {
            case Start.Now() -> new StartingPoint(head, false, NO_PAST);
            case Start.Current() -> new StartingPoint(head, true, head);
            case Start.After(Cursor asked) -> {
                Cursor cursor = asked.node() == changes.node() ? asked : elsewhere.apply(asked);
                check(cursor, changes, head);
                yield new StartingPoint(cursor.position(), false, head);
            }
        };
    }

    private static void check(Cursor cursor, ChangeSource changes, long head) {
        if (cursor.node() != changes.node()) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "cursor " + cursor + " is of another node; this is " + Long.toHexString(changes.node())
                            + ". Start with the current state");
        }
        if (cursor.position() + 1 < changes.firstSeq()) {
            throw new ResourceException(
                    ErrorCode.EXPIRED_CURSOR,
                    "cursor " + cursor + " has expired: the oldest change kept is " + changes.firstSeq()
                            + ". Start with the current state");
        }
        if (cursor.position() > head) {
            throw new ResourceException(
                    ErrorCode.EXPIRED_CURSOR,
                    "cursor " + cursor + " is ahead of the journal, which ends at " + head
                            + "; what lay between was lost with the disk's cache. Start with the current state");
        }
    }
}
