package org.millrace.host.identity;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** What passwords are hashed with, and the SCRAM mechanism that works on such hashes (RFC 7677, RFC 5802). */
enum HashFunction {
    SHA_256("SHA-256", "sha256", "SHA256", 32, 600_000),
    SHA_512("SHA-512", "sha512", "SHA512", 64, 210_000);

    private final String digest;
    private final String label;
    private final String suffix;
    private final int size;
    private final int iterations;

    HashFunction(String digest, String label, String suffix, int size, int iterations) {
        this.digest = digest;
        this.label = label;
        this.suffix = suffix;
        this.size = size;
        this.iterations = iterations;
    }

    /** The name of the SCRAM mechanism. */
    String mechanism() {
        return "SCRAM-" + digest;
    }

    /** The beginning of a hash's text. */
    String prefix() {
        return "$pbkdf2-" + label + "$";
    }

    /** The length of a hash in bytes. */
    int size() {
        return size;
    }

    /** How often a new password is hashed: OWASP's recommendation of 2023. */
    int iterations() {
        return iterations;
    }

    /** The password's slow hash, PBKDF2 (RFC 8018 section 5.2). */
    byte[] derive(String password, byte[] salt, int times) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, times, size * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmac" + suffix)
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw lacking("PBKDF2WithHmac" + suffix, e);
        } finally {
            spec.clearPassword();
        }
    }

    byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("Hmac" + suffix);
            mac.init(new SecretKeySpec(key, "Hmac" + suffix));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw lacking("Hmac" + suffix, e);
        }
    }

    byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance(digest).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw lacking(digest, e);
        }
    }

    private static IllegalStateException lacking(String what, GeneralSecurityException e) {
        return new IllegalStateException("this Java runtime lacks " + what, e);
    }
}
