package org.millrace.host.identity;

import java.util.Set;

/**
 * A user who logs in with a password.
 *
 * @param name what the client calls itself
 * @param secret what its password is compared with
 * @param roles the roles the user has
 */
public record User(String name, UserSecret secret, Set<String> roles) {
    /** Copies the roles. */
    public User {
        roles = Set.copyOf(roles);
    }
}
