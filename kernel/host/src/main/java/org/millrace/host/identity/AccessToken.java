package org.millrace.host.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A configured bearer token. Only its SHA-256 is kept: a token is long and random, so unlike a password it needs no slow
 * hash, and an event loop may check it.
 *
 * @param name who acts with it
 * @param hash of the token, in hexadecimal
 * @param roles the roles it gives
 */
public record AccessToken(String name, String hash, Set<String> roles) {
    private static final String PREFIX = "$sha256$";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    /** Shorter ones could be found by trying: SHA-256 is fast. */
    private static final int SHORTEST = 24;

    /** Copies the roles. */
    public AccessToken {
        roles = Set.copyOf(roles);
    }

    /**
     * Reads what is configured.
     *
     * @param name who acts with it
     * @param configured a token, or {@code $sha256$} and the hash of one in hexadecimal
     * @param roles the roles it gives
     * @return the token
     * @throws IllegalArgumentException if it is too short or a malformed hash; the message does not repeat it
     */
    public static AccessToken of(String name, String configured, Set<String> roles) {
        if (configured.startsWith(PREFIX)) {
            String hash = configured.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
            if (!HEX.matcher(hash).matches()) {
                throw new IllegalArgumentException("malformed hash; it reads " + PREFIX + "<64 hexadecimal digits>");
            }
            return new AccessToken(name, hash, roles);
        }
        if (configured.length() < SHORTEST) {
            throw new IllegalArgumentException(
                    "a token of " + configured.length() + " characters could be guessed; give it " + SHORTEST
                            + " or more, such as 'openssl rand -hex 32' prints");
        }
        return new AccessToken(name, hash(configured), roles);
    }

    /**
     * What a shown token is looked up by. Looking up a hash tells nothing of how much of a token was right.
     *
     * @param token what a client showed
     * @return its hash
     */
    static String hash(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks SHA-256", e);
        }
    }

    /** Leaves the hash out. */
    @Override
    public String toString() {
        return "AccessToken[name=" + name + ", roles=" + roles + "]";
    }
}
