package org.millrace.store;

import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Path;

/** Which records the host keeps for itself, and which of those all nodes have in common. Stateless, for any thread. */
public final class InternalPaths {
    private static final String ROOT = "$internal/";
    private static final String COMMON = "/store/" + PluginStore.SHARED;

    private InternalPaths() {}

    /**
     * Whether a record never leaves this node.
     *
     * @param path of the record
     * @return false for what clients see, and for what plugins keep for all nodes
     */
    public static boolean isPrivate(Path path) {
        return path.isSystem() && path.toString().startsWith(ROOT) && !isCommon(path);
    }

    /**
     * Whether a plugin keeps a record for all nodes: {@code $internal/<plugin>/store/shared/...}.
     *
     * @param path of the record
     * @return true if it is under {@link PluginStore#SHARED} of any plugin
     */
    public static boolean isCommon(Path path) {
        String text = path.toString();
        int plugin = text.startsWith(ROOT) ? text.indexOf('/', ROOT.length()) : -1;
        return plugin > 0 && text.startsWith(COMMON, plugin);
    }
}
