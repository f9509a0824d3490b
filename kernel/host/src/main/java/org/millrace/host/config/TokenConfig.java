package org.millrace.host.config;

import java.util.List;
import org.millrace.spi.plugin.Setting;

/**
 * A bearer token (RFC 6750) that lets a program in.
 *
 * @param name who acts with it
 * @param token the token, or its hash as {@code org.millrace.host.identity.AccessToken} reads it
 * @param roles the roles it gives
 */
public record TokenConfig(
        @Setting(doc = "who acts with it; several tokens may have one name")
        String name,

        @Setting(doc = "the token, best as ${file:...} or ${env:...}, or its hash")
        String token,

        @Setting(doc = "the roles it gives") List<String> roles) {
    /** Leaves the token out. */
    @Override
    public String toString() {
        return "TokenConfig[name=" + name + ", roles=" + roles + "]";
    }
}
