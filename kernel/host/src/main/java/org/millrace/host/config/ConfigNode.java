package org.millrace.host.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of configuration before it is bound to a record, with the place where it was set. */
sealed interface ConfigNode {
    /** Where it was set. */
    Origin origin();

    /** A key with nothing behind it: unset, or a section without keys. */
    record Empty(Origin origin) implements ConfigNode {}

    /** A single value as it was written, with its placeholders. */
    record Scalar(String text, Origin origin) implements ConfigNode {}

    /** A list. */
    record Items(List<ConfigNode> items, Origin origin) implements ConfigNode {}

    /** Keys and what is behind them. Changed only while the sources are merged, by one thread. */
    record Section(Map<String, ConfigNode> entries, Origin origin) implements ConfigNode {
        Section(Origin origin) {
            this(new LinkedHashMap<>(), origin);
        }

        /** A deep copy of the sections, so that a merge leaves what was read alone. */
        Section copy() {
            Section copy = new Section(origin);
            entries.forEach((name, node) -> copy.entries.put(name, node instanceof Section s ? s.copy() : node));
            return copy;
        }

        /** Puts a node behind a dotted key, making sections on the way; what stood there is replaced. */
        void set(String key, ConfigNode node) {
            int dot = key.indexOf('.');
            if (dot < 0) {
                entries.put(key, node);
                return;
            }
            String name = key.substring(0, dot);
            Section inner = entries.get(name) instanceof Section present ? present : new Section(node.origin());
            entries.put(name, inner);
            inner.set(key.substring(dot + 1), node);
        }

        /** Puts a node behind a dotted key where nothing is set. */
        void setIfAbsent(String key, ConfigNode node) {
            Section section = this;
            String name = key;
            for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.')) {
                ConfigNode inner = section.entries.get(name.substring(0, dot));
                if (!(inner instanceof Section present)) {
                    if (inner == null || inner instanceof Empty) {
                        section.set(name, node);
                    }
                    return;
                }
                section = present;
                name = name.substring(dot + 1);
            }
            ConfigNode present = section.entries.get(name);
            if (present == null || present instanceof Empty) {
                section.entries.put(name, node);
            }
        }
    }
}
