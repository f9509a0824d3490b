package org.millrace.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

/** Whether a write may be done in the present state of its record. Pure. */
final class Preconditions {
    private Preconditions() {}

    /**
     * Holds a precondition against a record; null if there is none.
     *
     * @throws ResourceException PRECONDITION_FAILED if it does not hold
     */
    static void check(Precondition precondition, Path path, @Nullable Standing present) {
        boolean holds = switch (precondition) {
            case Precondition.None() -> true;
            case Precondition.Absent() -> present == null;
            case Precondition.Present() -> present != null;
            case Precondition.AnyOf(List<Version> versions) -> present != null && versions.contains(present.version());
            case Precondition.NoneOf(List<Version> versions) ->
                present == null || !versions.contains(present.version());
        };
        if (!holds) {
            throw new ResourceException(
                    ErrorCode.PRECONDITION_FAILED,
                    "'" + path + "' "
                            + (present == null ? "does not exist" : "exists at version " + present.version())
                            + ", but the write asks for " + wanted(precondition));
        }
    }

    private static String wanted(Precondition precondition) {
        return switch (precondition) {
            case Precondition.None() -> "nothing";
            case Precondition.Absent() -> "no record";
            case Precondition.Present() -> "a record";
            case Precondition.AnyOf(List<Version> versions)
            when versions.isEmpty() -> "a version that no record can have: its conditions exclude all";
            case Precondition.AnyOf(List<Version> versions) -> "one of the versions " + versions;
            case Precondition.NoneOf(List<Version> versions) -> "none of the versions " + versions;
        };
    }
}
