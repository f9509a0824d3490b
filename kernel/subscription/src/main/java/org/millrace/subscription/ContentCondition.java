package org.millrace.subscription;

import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Path;

/** What a live query asks of a record, compiled by the caller. */
@FunctionalInterface
public interface ContentCondition {
    /**
     * Whether a record satisfies the condition. Called on the fan-out thread, a reader or a publisher's thread, several
     * at once; must not block.
     *
     * @param path a record's path
     * @param content its content
     * @return true if the record belongs to the result
     */
    boolean matches(Path path, Content content);
}
