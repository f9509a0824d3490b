package org.millrace.host.identity;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A password's slow hash: PBKDF2 with HMAC-SHA-256 or -512 (RFC 8018 section 5.2). Its text is
 * {@code $pbkdf2-sha256$i=600000$<salt>$<hash>} in unpadded Base64, or the same with {@code sha512}. Immutable; computing
 * one takes a good part of a second of processor time and must not happen on an event loop.
 */
public final class PasswordHash {
    private static final int SALT_BYTES = 16;
    /** What stands behind the prefix. */
    private static final Pattern TEXT =
            Pattern.compile("i=(\\d{1,8})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{43,86})");

    private final HashFunction function;
    private final int iterations;
    private final byte[] salt;
    private final byte[] hash;

    private PasswordHash(HashFunction function, int iterations, byte[] salt, byte[] hash) {
        this.function = function;
        this.iterations = iterations;
        this.salt = salt;
        this.hash = hash;
    }

    /**
     * Hashes a password with a new salt.
     *
     * @param password the password
     * @return its hash, by SHA-256
     */
    public static PasswordHash of(String password) {
        return of(HashFunction.SHA_256, password);
    }

    static PasswordHash of(HashFunction function, String password) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return of(function, password, salt, function.iterations());
    }

    /** A hash with this salt and cost: what a password must be measured with to be compared with another hash. */
    static PasswordHash of(HashFunction function, String password, byte[] salt, int iterations) {
        return new PasswordHash(function, iterations, salt, function.derive(password, salt, iterations));
    }

    /** A hash that no password has been found for, with the salt and the cost of one. */
    static PasswordHash unmatched(PasswordHash like, byte[] salt, byte[] hash) {
        return new PasswordHash(like.function, like.iterations, salt, hash);
    }

    HashFunction function() {
        return function;
    }

    int iterations() {
        return iterations;
    }

    byte[] salt() {
        return salt.clone();
    }

    byte[] hash() {
        return hash.clone();
    }

    /**
     * Whether a text means to be a hash, and not a password.
     *
     * @param text a configured password
     * @return true if {@link #parse} should read it
     */
    public static boolean isHash(String text) {
        return functionOf(text) != null;
    }

    private static @Nullable HashFunction functionOf(String text) {
        for (HashFunction function : HashFunction.values()) {
            if (text.startsWith(function.prefix())) {
                return function;
            }
        }
        return null;
    }

    /**
     * Reads a hash.
     *
     * @param text as {@link #toString()} gives it
     * @return the hash
     * @throws IllegalArgumentException if it is none; the message does not repeat it
     */
    public static PasswordHash parse(String text) {
        HashFunction function = functionOf(text);
        String prefix = (function == null ? HashFunction.SHA_256 : function).prefix();
        Matcher m = TEXT.matcher(function == null ? "" : text.substring(prefix.length()));
        if (function == null || !m.matches() || m.group(3).length() != (function.size() * 4 + 2) / 3) {
            throw new IllegalArgumentException("malformed hash; it reads " + prefix + "i=<iterations>$<salt>$<hash>");
        }
        int iterations = Integer.parseInt(m.group(1));
        if (iterations < 1_000 || iterations > 10_000_000) {
            throw new IllegalArgumentException(
                    "hash with " + iterations + " iterations; 1000 to 10000000 are accepted");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return new PasswordHash(function, iterations, base64.decode(m.group(2)), base64.decode(m.group(3)));
    }

    /**
     * Compares a password with the one that was hashed, in a time that does not depend on the outcome.
     *
     * @param password what a client showed
     * @return true if they are the same
     */
    public boolean matches(String password) {
        return MessageDigest.isEqual(hash, function.derive(password, salt, iterations));
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return function.prefix() + "i=" + iterations + "$" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(hash);
    }
}
