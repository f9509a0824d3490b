package org.millrace.host.config;

import java.util.List;
import org.millrace.spi.plugin.Setting;

/**
 * A user who can log in with a password.
 *
 * @param name what the client calls itself
 * @param password the password, or its hash as {@code org.millrace.host.identity.PasswordHash} writes it
 * @param roles the roles the user has
 */
public record UserConfig(
        @Setting(doc = "what the client calls itself") String name,

        @Setting(doc = "the password, best as ${file:...} or ${env:...}")
        String password,

        @Setting(doc = "the roles the user has") List<String> roles) {
    /** Leaves the password out. */
    @Override
    public String toString() {
        return "UserConfig[name=" + name + ", roles=" + roles + "]";
    }
}
