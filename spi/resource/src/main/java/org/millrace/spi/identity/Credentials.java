package org.millrace.spi.identity;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a client shows to prove who it is. The text forms never hold a secret.
 *
 * @since 0.1
 */
public sealed interface Credentials {
    /** Nothing was shown. */
    Credentials NONE = new None();

    /** Nothing was shown; use {@link #NONE}. */
    record None() implements Credentials {}

    /**
     * A user's name and password (HTTP Basic, MQTT CONNECT, SASL PLAIN).
     *
     * @param user the name
     * @param password its password
     */
    record Password(String user, String password) implements Credentials {
        @Override
        public String toString() {
            return "Password[user=" + user + "]";
        }
    }

    /**
     * A bearer token (RFC 6750), such as a JWT.
     *
     * @param token the token
     */
    record Bearer(String token) implements Credentials {
        @Override
        public String toString() {
            return "Bearer[]";
        }
    }

    /**
     * A certificate that the TLS handshake has verified.
     *
     * @param chain the client's own first
     */
    record Certificate(List<X509Certificate> chain) implements Credentials {
        /** Copies the chain. */
        public Certificate {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "Certificate[" + (chain.isEmpty() ? "" : chain.getFirst().getSubjectX500Principal()) + "]";
        }
    }
}
