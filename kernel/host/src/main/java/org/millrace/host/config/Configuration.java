package org.millrace.host.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.millrace.spi.plugin.ConfigurationException;

/**
 * What was configured: the host's own keys, bound, and the plugins' sections, bound when each plugin asks. Safe for use
 * by any thread.
 */
public final class Configuration {
    private static final Set<String> HOST_KEYS = hostKeys();

    private final ConfigNode.Section root;
    private final EnvironmentVariables environment;
    private final List<Option> options;
    private final Placeholders placeholders;
    private final List<EffectiveValue> hostValues;
    private final HostConfig host;

    private final Map<String, List<KnownKey>> pluginKeys = new ConcurrentHashMap<>();
    private final List<String> optionProblems = new CopyOnWriteArrayList<>();
    private volatile Set<String> plugins = Set.of();

    private Configuration(ConfigurationSources sources) {
        List<Problem> problems = new ArrayList<>();
        root = sources.file() == null
                ? new ConfigNode.Section(new Origin.Default())
                : YamlFile.read(sources.file(), problems);
        environment = new EnvironmentVariables(sources.environment());
        placeholders = new Placeholders(sources.environment());
        Map<String, Option> last = new LinkedHashMap<>();
        sources.options().forEach(text -> Option.parse(text, problems).ifPresent(o -> last.put(o.key(), o)));
        options = List.copyOf(last.values());

        Binder binder = new Binder(placeholders);
        HostConfig bound = binder.bind("", HostConfig.class, hostSection(sources.defaults()));
        problems.addAll(binder.problems());
        reportStrayKeys(problems);
        if (!problems.isEmpty() || bound == null) {
            throw exception(problems);
        }
        host = bound;
        hostValues = List.copyOf(binder.values());
    }

    /**
     * Reads a configuration.
     *
     * @param sources where from
     * @return the configuration, whose host keys are known to be good
     * @throws ConfigurationException with everything that is wrong with the file, the options and the host's own keys
     */
    public static Configuration load(ConfigurationSources sources) {
        return new Configuration(sources);
    }

    /**
     * The host's own keys.
     *
     * @return the bound record
     */
    public HostConfig host() {
        return host;
    }

    /**
     * Compares the configuration with the plugins there are. To be called once they are known, before they start. What is
     * set for other plugins is kept for when they come, and checked then.
     *
     * @param ids the plugins' ids
     * @return warnings about what is set for plugins that are not there
     */
    public List<String> checkSections(Set<String> ids) {
        plugins = Set.copyOf(ids);
        List<String> warnings = new ArrayList<>();
        awaited(ids)
                .forEach(plugin -> warnings.add("section " + plugin.id() + " " + plugin.places()
                        + " waits for a plugin that is not installed" + plugin.hint()));
        for (String variable : environment.without(hostKeyNames())) {
            if (environment.section(variable, sectionNames()).isEmpty()) {
                warnings.add(
                        "environment variable " + variable + " matches no key of the host or of an installed plugin");
            }
        }
        return List.copyOf(warnings);
    }

    /**
     * The plugins that the file or an option sets something for and that are not there. Environment variables do not tell
     * a plugin's name.
     *
     * @param ids those that are there
     * @return in the order of their names
     */
    public List<AwaitedPlugin> awaited(Set<String> ids) {
        SortedMap<String, List<Origin>> origins = new TreeMap<>();
        root.entries().forEach((name, node) -> {
            if (node instanceof ConfigNode.Section) {
                origins.computeIfAbsent(name, _ -> new ArrayList<>()).add(node.origin());
            }
        });
        options.forEach(option -> origins.computeIfAbsent(option.section(), _ -> new ArrayList<>())
                .add(new Origin.Option(option.key())));
        origins.keySet().removeIf(id -> HOST_KEYS.contains(id) || ids.contains(id) || pluginKeys.containsKey(id));
        Set<String> known = new TreeSet<>(HOST_KEYS);
        known.addAll(ids);
        List<AwaitedPlugin> awaited = new ArrayList<>();
        origins.forEach((id, where) -> awaited.add(new AwaitedPlugin(id, where, NearestKey.hint(id, known))));
        return List.copyOf(awaited);
    }

    /**
     * Binds a plugin's section.
     *
     * @param id the plugin
     * @param shape the plugin's record
     * @param <C> the plugin's record
     * @return the bound record
     * @throws ConfigurationException with everything that is wrong with the section
     */
    public <C extends Record> C plugin(String id, Class<C> shape) {
        String prefix = id + ".";
        List<KnownKey> keys = KnownKey.of(prefix, shape);
        pluginKeys.put(id, List.copyOf(keys));
        ConfigNode.Section section = section(id, keys);
        KnownKey.of("", PluginPolicy.class).forEach(policy -> section.entries().remove(policy.key()));
        Binder binder = new Binder(placeholders);
        C bound = binder.bind(prefix, shape, section);
        List<Problem> problems = new ArrayList<>(binder.problems());
        List<String> names = Stream.concat(keys.stream(), KnownKey.of(prefix, PluginPolicy.class).stream())
                .map(KnownKey::key)
                .toList();
        reportStrayVariables(id, names, problems);
        problems.stream()
                .filter(problem -> problem.origin() instanceof Origin.Option)
                .map(Problem::text)
                .forEach(optionProblems::add);
        if (!problems.isEmpty() || bound == null) {
            throw exception(problems);
        }
        return bound;
    }

    /**
     * Forgets what a plugin made of its section: it is gone, and what is set for it waits for it again.
     *
     * @param id the plugin
     */
    public void forget(String id) {
        pluginKeys.remove(id);
    }

    /**
     * What the host itself reads in a plugin's section.
     *
     * @param id the plugin
     * @return whether it is disabled or required
     * @throws ConfigurationException if these keys are set to something else than true or false
     */
    public PluginPolicy policy(String id) {
        List<KnownKey> keys = KnownKey.of(id + ".", PluginPolicy.class);
        ConfigNode.Section section = section(id, keys);
        Set<String> names =
                keys.stream().map(key -> key.key().substring(id.length() + 1)).collect(Collectors.toSet());
        section.entries().keySet().retainAll(names);
        Binder binder = new Binder(placeholders);
        PluginPolicy bound = binder.bind(id + ".", PluginPolicy.class, section);
        if (!binder.problems().isEmpty() || bound == null) {
            throw exception(binder.problems());
        }
        return bound;
    }

    /**
     * The plugins without which the host must not start.
     *
     * @return ids, also of plugins that are not there
     */
    public Set<String> requiredPlugins() {
        Set<String> ids = new TreeSet<>(plugins);
        root.entries().forEach((name, node) -> {
            if (node instanceof ConfigNode.Section && !HOST_KEYS.contains(name)) {
                ids.add(name);
            }
        });
        ids.removeIf(id -> !policy(id).required());
        return ids;
    }

    /**
     * What was found wrong with values given by {@code --set} as plugins bound their sections. A plugin that fails leaves
     * the others running, but a mistyped command should not.
     *
     * @return problems, ready to be shown; empty if there are none
     */
    public List<String> optionProblems() {
        return List.copyOf(optionProblems);
    }

    /**
     * The keys a plugin understands.
     *
     * @param id the plugin
     * @return empty if it has not asked for its configuration yet
     */
    public List<KnownKey> pluginKeys(String id) {
        return pluginKeys.getOrDefault(id, List.of());
    }

    /**
     * The keys of the host.
     *
     * @return in the order of the documented file
     */
    public static List<KnownKey> keys() {
        return KnownKey.of("", HostConfig.class);
    }

    /**
     * Every key of the host with its value, then what is set for plugins.
     *
     * @return values with their origins, secrets masked
     */
    public List<EffectiveValue> effective() {
        List<EffectiveValue> all = new ArrayList<>(hostValues);
        ConfigNode.Section merged = root.copy();
        options.forEach(option -> merged.set(option.key(), option.node()));
        merged.entries().forEach((name, node) -> {
            if (!HOST_KEYS.contains(name)) {
                leaves(name, node, all);
            }
        });
        for (String variable : environment.without(hostKeyNames())) {
            environment
                    .variable(variable)
                    .ifPresent(value -> all.add(EffectiveValue.of(variable, value.text(), value.origin())));
        }
        return List.copyOf(all);
    }

    /**
     * Whether a name is a top-level key of the host, and thus no plugin's id.
     *
     * @param name any name
     * @return true for {@code log}, {@code journal} and the like
     */
    public static boolean isHostKey(String name) {
        return HOST_KEYS.contains(name);
    }

    private static void leaves(String key, ConfigNode node, List<EffectiveValue> values) {
        switch (node) {
            case ConfigNode.Empty empty -> {}
            case ConfigNode.Scalar s -> values.add(EffectiveValue.of(key, s.text(), s.origin()));
            case ConfigNode.Section s -> s.entries().forEach((name, inner) -> leaves(key + "." + name, inner, values));
            case ConfigNode.Items list -> {
                for (int i = 0; i < list.items().size(); i++) {
                    leaves(key + "[" + i + "]", list.items().get(i), values);
                }
            }
        }
    }

    /** A plugin's section with what the environment and the options set in it. */
    private ConfigNode.Section section(String id, Collection<KnownKey> keys) {
        ConfigNode.Section all = new ConfigNode.Section(new Origin.Default());
        ConfigNode own = root.entries().get(id);
        if (own != null) {
            all.entries().put(id, own instanceof ConfigNode.Section s ? s.copy() : own);
        }
        keys.forEach(key -> environment.get(key.key()).ifPresent(value -> all.set(key.key(), value)));
        options.stream().filter(o -> o.section().equals(id)).forEach(o -> all.set(o.key(), o.node()));
        return all.entries().get(id) instanceof ConfigNode.Section s ? s : new ConfigNode.Section(all.origin());
    }

    private ConfigNode.Section hostSection(Map<String, String> defaults) {
        ConfigNode.Section section = root.copy();
        section.entries().keySet().retainAll(HOST_KEYS);
        keys().forEach(key -> environment.get(key.key()).ifPresent(value -> section.set(key.key(), value)));
        options.stream().filter(o -> HOST_KEYS.contains(o.section())).forEach(o -> section.set(o.key(), o.node()));
        defaults.forEach((key, value) -> section.setIfAbsent(key, new ConfigNode.Scalar(value, new Origin.Default())));
        return section;
    }

    /** Reports top-level keys that can be neither the host's nor a plugin's section, and the host's own variables. */
    private void reportStrayKeys(List<Problem> problems) {
        root.entries().forEach((name, node) -> {
            if (!HOST_KEYS.contains(name) && (node instanceof ConfigNode.Scalar || node instanceof ConfigNode.Items)) {
                problems.add(unknown(name, node.origin()));
            }
        });
        for (Option option : options) {
            if (!HOST_KEYS.contains(option.section()) && option.key().indexOf('.') < 0) {
                problems.add(unknown(option.key(), new Origin.Option(option.key())));
            }
        }
        HOST_KEYS.forEach(group -> {
            if (keys().stream().anyMatch(key -> key.key().startsWith(group + "."))) {
                reportStrayVariables(group, hostKeyNames(), problems);
            }
        });
    }

    private static Problem unknown(String key, Origin origin) {
        return new Problem("unknown key " + key + " " + origin + NearestKey.hint(key, hostKeyNames()), origin);
    }

    private void reportStrayVariables(String section, Collection<String> keys, List<Problem> problems) {
        List<String> names = keys.stream().map(KnownKey::environmentName).toList();
        Set<String> sections = sectionNames();
        sections.add(section);
        for (String variable : environment.without(keys)) {
            if (environment.section(variable, sections).filter(section::equals).isPresent()) {
                problems.add(new Problem(
                        "unknown environment variable " + variable + NearestKey.hint(variable, names),
                        new Origin.Environment(variable)));
            }
        }
    }

    private Set<String> sectionNames() {
        Set<String> names = new TreeSet<>(HOST_KEYS);
        names.addAll(plugins);
        names.addAll(pluginKeys.keySet());
        awaited(plugins).forEach(plugin -> names.add(plugin.id()));
        return names;
    }

    private static Set<String> hostKeys() {
        return keys().stream().map(key -> key.key().split("\\.", 2)[0]).collect(Collectors.toUnmodifiableSet());
    }

    private static List<String> hostKeyNames() {
        return keys().stream().map(KnownKey::key).toList();
    }

    private static ConfigurationException exception(List<Problem> problems) {
        return new ConfigurationException(
                problems.stream().map(Problem::text).distinct().toList());
    }
}
