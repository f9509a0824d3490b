package org.millrace.host.identity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.host.config.AuthConfig;
import org.millrace.host.config.RoleConfig;
import org.millrace.host.config.TokenConfig;
import org.millrace.host.config.UserConfig;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * The configured users and roles, read and checked.
 *
 * @param users who can log in
 * @param tokens bearer tokens that are accepted
 * @param roles what each role allows
 * @param allowAnonymous whether clients without credentials are let in although there are users
 */
public record Access(
        List<User> users, List<AccessToken> tokens, Map<String, List<Grant>> roles, boolean allowAnonymous) {
    /** Copies. */
    public Access {
        users = List.copyOf(users);
        tokens = List.copyOf(tokens);
        roles = Map.copyOf(roles);
    }

    /**
     * Reads the configuration.
     *
     * @param config the section {@code auth}
     * @return what it says
     * @throws ConfigurationException with everything that is wrong with it
     */
    public static Access of(AuthConfig config) {
        List<String> problems = new ArrayList<>();
        Map<String, List<Grant>> roles = new HashMap<>();
        for (RoleConfig role : config.roles()) {
            if (role.name().isBlank() || role.name().equals(AccessControl.ADMIN)) {
                problems.add("auth.roles: '" + role.name() + "' cannot be the name of a role; "
                        + (role.name().isBlank() ? "give it one" : "it is built in and may do everything"));
            } else if (roles.put(role.name(), grants(role, problems)) != null) {
                problems.add("auth.roles: the role '" + role.name() + "' is there twice; put its filters together");
            }
        }
        List<User> users = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (UserConfig user : config.users()) {
            if (user.name().isBlank()) {
                problems.add("auth.users: a user has no name");
            } else if (!names.add(user.name())) {
                problems.add("auth.users: the user '" + user.name() + "' is there twice");
            } else {
                checkRoles("auth.users: user '" + user.name() + "'", user.roles(), roles, problems);
                try {
                    users.add(new User(user.name(), UserSecret.of(user.password()), Set.copyOf(user.roles())));
                } catch (IllegalArgumentException e) {
                    problems.add("auth.users: user '" + user.name() + "': " + e.getMessage());
                }
            }
        }
        List<AccessToken> tokens = tokens(config.tokens(), roles, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Access(users, tokens, roles, config.allowAnonymous());
    }

    private static List<AccessToken> tokens(
            List<TokenConfig> configured, Map<String, List<Grant>> roles, List<String> problems) {
        List<AccessToken> tokens = new ArrayList<>();
        Set<String> hashes = new HashSet<>();
        for (TokenConfig token : configured) {
            String where = "auth.tokens: the token of '" + token.name() + "'";
            if (token.name().isBlank()) {
                problems.add("auth.tokens: a token has no name");
                continue;
            }
            checkRoles(where, token.roles(), roles, problems);
            try {
                AccessToken read = AccessToken.of(token.name(), token.token(), Set.copyOf(token.roles()));
                if (hashes.add(read.hash())) {
                    tokens.add(read);
                } else {
                    problems.add(where + " is there twice");
                }
            } catch (IllegalArgumentException e) {
                problems.add(where + ": " + e.getMessage());
            }
        }
        return tokens;
    }

    private static void checkRoles(
            String whose, List<String> names, Map<String, List<Grant>> roles, List<String> problems) {
        for (String role : names) {
            if (!roles.containsKey(role) && !role.equals(AccessControl.ADMIN)) {
                problems.add(whose + " has the role '" + role
                        + "', which is not among auth.roles; declare it there, or use admin");
            }
        }
    }

    private static List<Grant> grants(RoleConfig role, List<String> problems) {
        List<Grant> grants = new ArrayList<>();
        for (Act act : Act.values()) {
            List<String> filters = switch (act) {
                case READ -> role.read();
                case WRITE -> role.write();
                case PUBLISH -> role.publish();
                case SUBSCRIBE -> role.subscribe();
            };
            for (String filter : filters) {
                try {
                    grants.add(new Grant(act, TopicFilter.of(filter)));
                } catch (ResourceException e) {
                    problems.add("auth.roles: role '" + role.name() + "': " + e.getMessage());
                }
            }
        }
        return grants;
    }

    /**
     * Whether clients have to show who they are.
     *
     * @return true if there are users or tokens
     */
    public boolean isConfigured() {
        return !users.isEmpty() || !tokens.isEmpty();
    }

    /**
     * The rules for grants.
     *
     * @return everything for everybody if neither users nor tokens are configured
     */
    public AccessControl control() {
        return new AccessControl(!isConfigured(), roles);
    }
}
