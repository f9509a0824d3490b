package org.millrace.spi.resource;

import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link CustomResource} makes of a client's write. All of it is written in one transaction, the client's write
 * first, under the authority of the resource: the client's grants were checked for its own write and are not asked for the
 * further ones.
 *
 * @param write the client's write, perhaps with other content or options, or of another kind; its path is the same. Its
 *     commit is what the client is told
 * @param further what else is written, at any path but the system's
 * @since 0.1
 */
public record Accepted(Write write, List<Write> further) {
    /** Copies the list. */
    public Accepted {
        further = List.copyOf(further);
    }

    /**
     * A write as it is, and nothing else.
     *
     * @param write the write
     * @return the decision
     */
    public static Accepted of(Write write) {
        return new Accepted(write, List.of());
    }

    /**
     * This, and further writes behind the others.
     *
     * @param writes the writes
     * @return a new decision
     */
    public Accepted and(Write... writes) {
        List<Write> all = new ArrayList<>(further);
        all.addAll(List.of(writes));
        return new Accepted(write, all);
    }
}
