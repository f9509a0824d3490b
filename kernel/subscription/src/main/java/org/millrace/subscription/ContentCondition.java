package org.millrace.subscription;

import org.millrace.spi.content.Content;

/** What a live query asks of a record's content, compiled by the caller. */
@FunctionalInterface
public interface ContentCondition {
    /**
     * Whether a content satisfies the condition. Called on the fan-out thread, a reader or a publisher's thread, several
     * at once; must not block.
     *
     * @param content a record's content
     * @return true if the record belongs to the result
     */
    boolean matches(Content content);
}
