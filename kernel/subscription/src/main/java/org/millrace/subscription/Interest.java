package org.millrace.subscription;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.TopicFilter;

/**
 * What a subscription is to be shown: its filters, what it may see, and its query.
 *
 * @param filters each once
 * @param visible what the subscriber's grants allow
 * @param query null without a query
 */
record Interest(
        List<TopicFilter> filters,
        Predicate<Path> visible,
        @Nullable LiveQuery query) {
    boolean matches(Path path) {
        for (TopicFilter filter : filters) {
            if (filter.matches(path)) {
                return true;
            }
        }
        return false;
    }

    boolean isVisible(Path path) {
        return visible.test(path);
    }

    /** Whether a record belongs to the present state. */
    boolean accepts(Path path, Content content) {
        return query == null || query.matches(path, content);
    }

    /** Why a change is shown; null if it is not. */
    @Nullable
    Reason reason(Change change) {
        return query == null ? Reason.LIVE : query.reason(change);
    }

    /**
     * Whether a change that is in no journal is shown. Publishers ask, so what the subscriber of a live query was told is
     * left out of it: the content has to match.
     */
    boolean passes(Change change) {
        return query == null
                || change.content()
                        .map(content -> query.matches(change.path(), content))
                        .orElse(false);
    }

    /** Notes what the subscriber is told. */
    void told(Path path, Reason reason) {
        if (query != null) {
            query.apply(path, reason);
        }
    }

    /** Forgets what the subscriber was told. */
    void forget() {
        if (query != null) {
            query.forget();
        }
    }
}
