package org.millrace.host.identity;

import java.util.EnumMap;
import java.util.Map;

/**
 * What a user's password is compared with: a configured hash, or hashes of a configured password, which are made when they
 * are first needed, so that they cost no time at start-up. Safe for use by any thread but an event loop.
 */
public final class UserSecret {
    /** Empty where a hash is configured. */
    private final String password;
    /** Guarded by itself, as is the making of a hash. */
    private final Map<HashFunction, PasswordHash> hashes = new EnumMap<>(HashFunction.class);

    private final HashFunction usual;

    private UserSecret(String password) {
        this.password = password;
        this.usual = HashFunction.SHA_256;
    }

    private UserSecret(PasswordHash hash) {
        this.password = "";
        this.usual = hash.function();
        hashes.put(usual, hash);
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
                ? new UserSecret(PasswordHash.parse(configured))
                : new UserSecret(configured);
    }

    /**
     * Compares. Takes a good part of a second of processor time.
     *
     * @param shown what a client showed
     * @return true if it is the password
     */
    public boolean matches(String shown) {
        return hash(usual).matches(shown);
    }

    /** Whether there is, or can be made, a hash of a function. */
    boolean has(HashFunction function) {
        return !password.isEmpty() || function == usual;
    }

    /**
     * The password's hash, by a function that {@link #has} allows. The first call may take a good part of a second of
     * processor time.
     */
    PasswordHash hash(HashFunction function) {
        synchronized (hashes) {
            return hashes.computeIfAbsent(function, wanted -> PasswordHash.of(wanted, password));
        }
    }

    /** Says nothing. */
    @Override
    public String toString() {
        return "UserSecret[]";
    }
}
