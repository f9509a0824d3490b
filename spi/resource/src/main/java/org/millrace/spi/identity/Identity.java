package org.millrace.spi.identity;

import java.util.Set;

/**
 * Who acts. What an identity may do is the host's to decide and is checked in every call of
 * {@link org.millrace.spi.resource.Resources}.
 *
 * @param name the user's name; empty for {@link #ANONYMOUS}
 * @param roles the roles it was given
 * @since 0.1
 */
public record Identity(String name, Set<String> roles) {
    /** A client that gave no credentials, where the configuration allows that. */
    public static final Identity ANONYMOUS = new Identity("", Set.of());

    /** Copies the roles. */
    public Identity {
        roles = Set.copyOf(roles);
    }

    /**
     * Whether no credentials were given.
     *
     * @return true for anonymous clients
     */
    public boolean isAnonymous() {
        return name.isEmpty();
    }
}
