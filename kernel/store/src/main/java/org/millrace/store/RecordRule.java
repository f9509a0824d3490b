package org.millrace.store;

import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Path;

/** What a record must fulfil. */
@FunctionalInterface
public interface RecordRule {
    /** No rule. */
    RecordRule NONE = (_, _) -> {};

    /**
     * Checks a record before it is written.
     *
     * @param path the record
     * @param content what it is to be
     * @throws org.millrace.spi.resource.ResourceException if it must not be so
     */
    void check(Path path, Content content);
}
