package org.millrace.host.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The environment variables that are meant for the host. A key's variable is found from the key, never the other way
 * round: {@code MILLRACE_MQTT_MAX_PACKET_SIZE} alone does not tell a dot from a hyphen. Immutable.
 */
final class EnvironmentVariables {
    private static final String PREFIX = "MILLRACE_";

    /** Read by the start script and the command line before there is a configuration. */
    private static final Set<String> RESERVED = Set.of("MILLRACE_HOME", "MILLRACE_CONFIG");

    /** What Kubernetes sets in every container once a service is named {@code millrace} or {@code millrace-...}. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("MILLRACE_.*?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    private final Map<String, String> variables = new TreeMap<>();

    EnvironmentVariables(Map<String, String> environment) {
        environment.forEach((name, value) -> {
            boolean link = SERVICE_LINK.matcher(name).matches()
                    || SERVICE_ADDRESS.matcher(value).matches();
            // Compose files and unit files pass variables on that nobody set: empty is unset.
            if (name.startsWith(PREFIX) && !RESERVED.contains(name) && !link && !value.isEmpty()) {
                variables.put(name, value);
            }
        });
    }

    /** The value for a key. */
    Optional<ConfigNode.Scalar> get(String key) {
        return variable(KnownKey.environmentName(key));
    }

    /** The value of a variable. */
    Optional<ConfigNode.Scalar> variable(String name) {
        return Optional.ofNullable(variables.get(name))
                .map(value -> new ConfigNode.Scalar(value, new Origin.Environment(name)));
    }

    /** The section a variable belongs to, of those named: the longest whose name it begins with. */
    Optional<String> section(String variable, Collection<String> sections) {
        return sections.stream()
                .filter(section -> variable.startsWith(KnownKey.environmentName(section) + "_"))
                .max(Comparator.comparingInt(String::length));
    }

    /** All names but those of known keys. */
    List<String> without(Collection<String> knownKeys) {
        Set<String> known = Set.copyOf(
                knownKeys.stream().map(KnownKey::environmentName).distinct().toList());
        return variables.keySet().stream().filter(name -> !known.contains(name)).toList();
    }
}
