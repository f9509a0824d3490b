package org.millrace.host.config;

import java.util.List;
import org.millrace.spi.plugin.Setting;

/**
 * Who may connect.
 *
 * @param anonymous whether clients without credentials are let in
 * @param users who can log in with a password
 */
public record AuthConfig(
        @Setting(value = "true", doc = "let clients in that show no credentials")
        boolean anonymous,

        @Setting(doc = "users with a password, each with name, password and roles")
        List<UserConfig> users) {}
