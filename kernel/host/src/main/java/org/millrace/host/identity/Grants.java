package org.millrace.host.identity;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.millrace.host.table.TableCatalog;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

/**
 * What one identity may do. Immutable, and cheap to ask: a view of the resources asks in every call.
 *
 * <p>Two rules stand above all grants: {@code $internal/...} is the host's own and closed to every client, and the
 * system's other resources ({@code $...}) can be read and followed but not written, except for the definitions of tables
 * ({@code $sys/tables/...}).
 */
public final class Grants {
    /** Everything but what no client may do: a host without users, and the role {@code admin}. */
    public static final Grants ALL = new Grants(true, List.of());

    /** Nothing. */
    public static final Grants NONE = new Grants(false, List.of());

    private static final String INTERNAL = "$internal";

    private final boolean everything;
    private final Map<Act, TopicFilter[]> filters = new EnumMap<>(Act.class);

    private Grants(boolean everything, Collection<Grant> grants) {
        this.everything = everything;
        for (Act act : Act.values()) {
            filters.put(
                    act,
                    grants.stream()
                            .filter(grant -> grant.act() == act)
                            .map(Grant::filter)
                            .distinct()
                            .toArray(TopicFilter[]::new));
        }
    }

    /**
     * The sum of grants.
     *
     * @param grants any number
     * @return what they allow together
     */
    public static Grants of(Collection<Grant> grants) {
        return grants.isEmpty() ? NONE : new Grants(false, grants);
    }

    /**
     * Whether an act on a path is allowed.
     *
     * @param act what
     * @param path where
     * @return true if it is
     */
    public boolean allows(Act act, Path path) {
        if (path.isSystem() && isClosed(act, path.toString())) {
            return false;
        }
        if (everything) {
            return true;
        }
        for (TopicFilter filter : filtersOf(act)) {
            if (filter.matches(path)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an act is allowed on any path at all that a filter selects. A subscription to a wider filter than is
     * granted is allowed, and shown what is granted.
     *
     * @param act what
     * @param wanted where
     * @return false if the act is allowed on none
     */
    public boolean allowsSome(Act act, TopicFilter wanted) {
        String text = wanted.toString();
        if (text.charAt(0) == '$' && isClosed(act, text)) {
            return false;
        }
        if (everything) {
            return true;
        }
        for (TopicFilter filter : filtersOf(act)) {
            if (FilterOverlap.of(filter, wanted)) {
                return true;
            }
        }
        return false;
    }

    private TopicFilter[] filtersOf(Act act) {
        TopicFilter[] found = filters.get(act);
        return found == null ? new TopicFilter[0] : found;
    }

    private static boolean isClosed(Act act, String text) {
        boolean alters = act == Act.PUBLISH || (act == Act.WRITE && !text.startsWith(TableCatalog.PREFIX));
        return alters
                || (text.startsWith(INTERNAL)
                        && (text.length() == INTERNAL.length() || text.charAt(INTERNAL.length()) == '/'));
    }
}
