package org.millrace.subscription;

import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;

/** What is on its way to a subscriber. */
sealed interface Signal {
    /** A change of the journal or a record of the present state, for which demand was taken. */
    record Show(Change change, Reason reason) implements Signal {}

    /** An event that is in no journal, for which demand was taken. */
    record Passing(Change event) implements Signal {}

    /** The present state, or the past, is complete. */
    record CaughtUp(Cursor at) implements Signal {}

    /** Changes are lost. */
    record Lost(Gap gap) implements Signal {}

    /** The subscription ended. */
    record Ended(ResourceException reason) implements Signal {}
}
