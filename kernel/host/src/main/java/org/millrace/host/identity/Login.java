package org.millrace.host.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A user's name and password as one 256-bit key, under which a login is remembered without the password. The key is
 * salted with random bytes of this process and means nothing outside of it.
 */
record Login(long a, long b, long c, long d) {
    static Login of(byte[] processSalt, String user, String password) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(processSalt);
            sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).flip());
            sha.update(name);
            ByteBuffer digest = ByteBuffer.wrap(sha.digest(password.getBytes(StandardCharsets.UTF_8)));
            return new Login(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks SHA-256", e);
        }
    }
}
