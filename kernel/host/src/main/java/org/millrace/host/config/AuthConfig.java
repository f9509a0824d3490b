package org.millrace.host.config;

import java.util.List;
import org.millrace.spi.plugin.Setting;

/**
 * Who may connect, and what they may do. Without users and tokens everybody may connect and do everything, but from this machine
 * only.
 *
 * @param allowAnonymous whether clients without credentials are let in although users are configured or the address can
 *     be reached over the network
 * @param users who can log in with a password
 * @param roles what the users may do
 * @param tokens bearer tokens that let programs in
 */
public record AuthConfig(
        @Setting(
                value = "false",
                doc = "dangerous: let clients in that show no credentials, from the network too; they have the role"
                        + " anonymous where users are configured, and may do everything where not")
        boolean allowAnonymous,

        @Setting(doc = "users with a password, each with name, password and roles")
        List<UserConfig> users,

        @Setting(doc = "roles, each with name and the topic filters it may read, write, publish and subscribe to")
        List<RoleConfig> roles,

        @Setting(doc = "bearer tokens, each with name, token and roles")
        List<TokenConfig> tokens) {}
