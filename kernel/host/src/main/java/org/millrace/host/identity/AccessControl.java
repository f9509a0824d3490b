package org.millrace.host.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.identity.Identity;

/**
 * Finds what an identity may do. Safe for use by any thread. The result for a set of roles is made once.
 *
 * <p>Without users everybody may do everything. With users, a named identity may do what its roles allow together, and
 * an anonymous one what the role {@code anonymous} allows.
 */
public final class AccessControl {
    /** The role that may do everything; it cannot be configured. */
    public static final String ADMIN = "admin";

    /** The role of clients without credentials, where users are configured and such clients are let in all the same. */
    public static final String ANONYMOUS = "anonymous";

    private final boolean open;
    private final Map<String, List<Grant>> roles;
    private final Map<Set<String>, Grants> known = new ConcurrentHashMap<>();

    /**
     * Fixes the rules.
     *
     * @param open whether everybody may do everything, because no users are configured
     * @param roles what each role allows
     */
    public AccessControl(boolean open, Map<String, List<Grant>> roles) {
        this.open = open;
        this.roles = Map.copyOf(roles);
    }

    /**
     * What an identity may do.
     *
     * @param identity who
     * @return its grants
     */
    public Grants grants(Identity identity) {
        if (open) {
            return Grants.ALL;
        }
        // Only combinations of roles that are configured get here: the map is bounded by the configuration.
        return known.computeIfAbsent(identity.isAnonymous() ? Set.of(ANONYMOUS) : identity.roles(), this::sum);
    }

    private Grants sum(Set<String> of) {
        if (of.contains(ADMIN)) {
            return Grants.ALL;
        }
        List<Grant> all = new ArrayList<>();
        of.forEach(role -> all.addAll(roles.getOrDefault(role, List.of())));
        return Grants.of(all);
    }
}
