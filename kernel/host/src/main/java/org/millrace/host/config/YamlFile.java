package org.millrace.host.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads YAML 1.2 and keeps the line of each value. A key may be written with dots in place of nested sections. */
final class YamlFile {
    private final IntFunction<Origin> origins;
    private final List<Problem> problems;

    private YamlFile(IntFunction<Origin> origins, List<Problem> problems) {
        this.origins = origins;
        this.problems = problems;
    }

    /** Reads a file; what is wrong with it is added to {@code problems}. */
    static ConfigNode.Section read(Path file, List<Problem> problems) {
        Origin top = new Origin.File(file.toString(), 1);
        ConfigNode.Section empty = new ConfigNode.Section(top);
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            problems.add(new Problem("no configuration file " + file + "; name one with --config", top));
            return empty;
        } catch (MalformedInputException e) {
            problems.add(new Problem("configuration file " + file + " is not UTF-8", top));
            return empty;
        } catch (IOException e) {
            problems.add(new Problem("cannot read configuration file " + file + ": " + e, top));
            return empty;
        }
        YamlFile reader = new YamlFile(line -> new Origin.File(file.toString(), line), problems);
        ConfigNode root = reader.compose(text, file.toString());
        if (root instanceof ConfigNode.Section section) {
            return section;
        }
        if (!(root instanceof ConfigNode.Empty)) {
            problems.add(new Problem("configuration file " + file + " holds no keys; write 'key: value' lines", top));
        }
        return empty;
    }

    /** Reads a value that was given outside of a file, for example {@code [a, b]}. */
    static ConfigNode value(String text, Origin origin, List<Problem> problems) {
        return new YamlFile(line -> origin, problems).compose(text, "value");
    }

    private ConfigNode compose(String text, String label) {
        LoadSettings settings = LoadSettings.builder().setLabel(label).build();
        try {
            Optional<Node> root = new Compose(settings).composeReader(new StringReader(text));
            return root.isEmpty() ? new ConfigNode.Empty(origins.apply(1)) : convert(root.get());
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            Origin origin = origins.apply(line);
            problems.add(new Problem("not YAML " + origin + ": " + e.getProblem(), origin));
        } catch (YamlEngineException e) {
            Origin origin = origins.apply(1);
            problems.add(new Problem("not YAML " + origin + ": " + e.getMessage(), origin));
        }
        return new ConfigNode.Empty(origins.apply(1));
    }

    private ConfigNode convert(Node node) {
        Origin origin = origin(node);
        if (node.isRecursive()) {
            problems.add(new Problem("an alias refers to what holds it " + origin, origin));
            return new ConfigNode.Empty(origin);
        }
        return switch (node) {
            case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> new ConfigNode.Empty(origin);
            case ScalarNode scalar -> new ConfigNode.Scalar(scalar.getValue(), origin);
            case SequenceNode sequence -> {
                List<ConfigNode> items = new ArrayList<>();
                sequence.getValue().forEach(item -> items.add(convert(item)));
                yield new ConfigNode.Items(items, origin);
            }
            case MappingNode mapping -> {
                ConfigNode.Section section = new ConfigNode.Section(origin);
                mapping.getValue().forEach(entry -> add(section, entry));
                yield section;
            }
            default -> throw new IllegalStateException("YAML node " + node.getNodeType());
        };
    }

    private void add(ConfigNode.Section section, NodeTuple entry) {
        Origin origin = origin(entry.getKeyNode());
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
            problems.add(new Problem("a key must be plain text " + origin, origin));
            return;
        }
        ConfigNode value = convert(entry.getValueNode());
        // A value that begins on a later line is still reported at its key, which is what people look for.
        put(
                section,
                key.getValue(),
                value instanceof ConfigNode.Scalar s ? new ConfigNode.Scalar(s.text(), origin) : value,
                origin);
    }

    /** Merges sections, because {@code log.level: debug} may stand beside {@code log:}; anything else is a duplicate. */
    private void put(ConfigNode.Section section, String key, ConfigNode value, Origin origin) {
        int dot = key.indexOf('.');
        String name = dot < 0 ? key : key.substring(0, dot);
        ConfigNode present = section.entries().get(name);
        if (dot >= 0) {
            ConfigNode.Section inner = present instanceof ConfigNode.Section s ? s : new ConfigNode.Section(origin);
            if (present == null || present instanceof ConfigNode.Empty) {
                section.entries().put(name, inner);
            } else if (inner != present) {
                duplicate(name, origin, present);
                return;
            }
            put(inner, key.substring(dot + 1), value, origin);
        } else if (present == null) {
            section.entries().put(name, value);
        } else if (present instanceof ConfigNode.Section a && value instanceof ConfigNode.Section b) {
            b.entries().forEach((inner, node) -> put(a, inner, node, node.origin()));
        } else {
            duplicate(name, origin, present);
        }
    }

    private void duplicate(String name, Origin origin, ConfigNode present) {
        problems.add(new Problem("key " + name + " is set twice: " + present.origin() + " and " + origin, origin));
    }

    private Origin origin(Node node) {
        return origins.apply(node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1));
    }
}
