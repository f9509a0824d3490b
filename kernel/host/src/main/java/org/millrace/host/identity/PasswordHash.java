package org.millrace.host.identity;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password's slow hash: PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2). Its text is
 * {@code $pbkdf2-sha256$i=600000$<salt>$<hash>} in unpadded Base64. Immutable; computing one takes a good part of a
 * second of processor time and must not happen on an event loop.
 */
public final class PasswordHash {
    /** OWASP's recommendation of 2023 for this function. */
    private static final int ITERATIONS = 600_000;

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final String PREFIX = "$pbkdf2-sha256$";
    private static final Pattern TEXT =
            Pattern.compile("\\$pbkdf2-sha256\\$i=(\\d{1,8})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{43})");

    private final int iterations;
    private final byte[] salt;
    private final byte[] hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash) {
        this.iterations = iterations;
        this.salt = salt;
        this.hash = hash;
    }

    /**
     * Hashes a password with a new salt.
     *
     * @param password the password
     * @return its hash
     */
    public static PasswordHash of(String password) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return new PasswordHash(ITERATIONS, salt, derive(password, salt, ITERATIONS));
    }

    /** A hash with this salt and cost: what a password must be measured with to be compared with another hash. */
    static PasswordHash of(String password, byte[] salt, int iterations) {
        return new PasswordHash(iterations, salt, derive(password, salt, iterations));
    }

    /** A hash that no password has been found for, with the salt and the cost of one. */
    static PasswordHash unmatched(byte[] salt, int iterations, byte[] hash) {
        return new PasswordHash(iterations, salt, hash);
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
        return text.startsWith(PREFIX);
    }

    /**
     * Reads a hash.
     *
     * @param text as {@link #toString()} gives it
     * @return the hash
     * @throws IllegalArgumentException if it is none; the message does not repeat it
     */
    public static PasswordHash parse(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("malformed hash; it reads " + PREFIX + "i=<iterations>$<salt>$<hash>");
        }
        int iterations = Integer.parseInt(m.group(1));
        if (iterations < 1_000 || iterations > 10_000_000) {
            throw new IllegalArgumentException(
                    "hash with " + iterations + " iterations; 1000 to 10000000 are accepted");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return new PasswordHash(iterations, base64.decode(m.group(2)), base64.decode(m.group(3)));
    }

    /**
     * Compares a password with the one that was hashed, in a time that does not depend on the outcome.
     *
     * @param password what a client showed
     * @return true if they are the same
     */
    public boolean matches(String password) {
        return MessageDigest.isEqual(hash, derive(password, salt, iterations));
    }

    private static byte[] derive(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BYTES * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime lacks PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return PREFIX + "i=" + iterations + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
    }
}
