package org.millrace.testkit;

import java.util.HashSet;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;

/** What the subscriber of a live query knows of its result. Guarded by the tree's lock. */
final class MemoryLiveQuery {
    private final BiPredicate<Path, Content> condition;
    /** Whether the subscriber brings along records that are not remembered here. */
    private final boolean resumed;

    private final Set<Path> members = new HashSet<>();
    private final Set<Path> left = new HashSet<>();

    MemoryLiveQuery(BiPredicate<Path, Content> condition, boolean resumed) {
        this.condition = condition;
        this.resumed = resumed;
    }

    boolean matches(Path path, Content content) {
        return condition.test(path, content);
    }

    @Nullable
    Reason reason(Change change) {
        Path path = change.path();
        boolean matches = change.content().map(c -> matches(path, c)).orElse(false);
        if (!change.kind().altersRecord()) {
            return matches ? Reason.LIVE : null;
        }
        boolean member = members.contains(path);
        if (matches) {
            return member ? Reason.UPDATE : Reason.ENTER;
        }
        return member || (resumed && !left.contains(path)) ? Reason.LEAVE : null;
    }

    void told(Path path, Reason reason) {
        switch (reason) {
            case CURRENT, ENTER -> {
                members.add(path);
                left.remove(path);
            }
            case LEAVE -> {
                members.remove(path);
                left.add(path);
            }
            case UPDATE, LIVE -> {}
        }
    }
}
