package org.millrace.host.config;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A plugin that something is set for and that is not there: its jar may come later, or its name is mistyped.
 *
 * @param id the name of the section
 * @param origins where something is set for it
 * @param hint {@code , did you mean mqtt?}, or empty
 */
public record AwaitedPlugin(String id, List<Origin> origins, String hint) {
    /** Keeps the list from being altered. */
    public AwaitedPlugin {
        origins = List.copyOf(origins);
    }

    /**
     * Where something is set for it.
     *
     * @return for example {@code at conf/millrace.yaml:12 and in --set mqtt.port}
     */
    public String places() {
        return origins.stream().map(Origin::toString).collect(Collectors.joining(" and "));
    }
}
