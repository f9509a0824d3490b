package org.millrace.host.identity;

import org.jspecify.annotations.Nullable;

/**
 * What a user's password is compared with: a configured hash, or the hash of a configured password, which is made at the
 * first login so that it costs no time at start-up and nobody can tell the two kinds apart from outside. Safe for use by
 * any thread but an event loop.
 */
public final class UserSecret {
    private final String password;
    private volatile @Nullable PasswordHash hash;

    private UserSecret(String password, @Nullable PasswordHash hash) {
        this.password = password;
        this.hash = hash;
    }

    /**
     * Reads what is configured.
     *
     * @param configured a password, or a hash's text
     * @return the secret
     * @throws IllegalArgumentException if it is empty or a malformed hash; the message does not repeat it
     */
    public static UserSecret of(String configured) {
        if (configured.isEmpty()) {
            throw new IllegalArgumentException("empty password");
        }
        return PasswordHash.isHash(configured)
                ? new UserSecret("", PasswordHash.parse(configured))
                : new UserSecret(configured, null);
    }

    /**
     * Compares. Takes a good part of a second of processor time.
     *
     * @param shown what a client showed
     * @return true if it is the password
     */
    public boolean matches(String shown) {
        return hash().matches(shown);
    }

    /** The password's hash. The first call may take a good part of a second of processor time. */
    PasswordHash hash() {
        PasswordHash known = hash;
        if (known == null) {
            synchronized (this) {
                known = hash;
                if (known == null) {
                    known = PasswordHash.of(password);
                    hash = known;
                }
            }
        }
        return known;
    }

    /** Says nothing. */
    @Override
    public String toString() {
        return "UserSecret[]";
    }
}
