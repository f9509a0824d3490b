package org.millrace.host.identity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.host.config.AuthConfig;
import org.millrace.host.config.RoleConfig;
import org.millrace.host.config.UserConfig;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * The configured users and roles, read and checked.
 *
 * @param users who can log in
 * @param roles what each role allows
 * @param allowAnonymous whether clients without credentials are let in although there are users
 */
public record Access(List<User> users, Map<String, List<Grant>> roles, boolean allowAnonymous) {
    /** Copies. */
    public Access {
        users = List.copyOf(users);
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
                for (String role : user.roles()) {
                    if (!roles.containsKey(role) && !role.equals(AccessControl.ADMIN)) {
                        problems.add("auth.users: user '" + user.name() + "' has the role '" + role
                                + "', which is not among auth.roles; declare it there, or use admin");
                    }
                }
                try {
                    users.add(new User(user.name(), UserSecret.of(user.password()), Set.copyOf(user.roles())));
                } catch (IllegalArgumentException e) {
                    problems.add("auth.users: user '" + user.name() + "': " + e.getMessage());
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Access(users, roles, config.allowAnonymous());
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
     * @return true if there are users
     */
    public boolean isConfigured() {
        return !users.isEmpty();
    }

    /**
     * The rules for grants.
     *
     * @return everything for everybody if no users are configured
     */
    public AccessControl control() {
        return new AccessControl(!isConfigured(), roles);
    }
}
