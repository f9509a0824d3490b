package org.millrace.host.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Loads one plugin: the JDK from the platform, {@link HostPackages} from the host, and all else from the plugin's own
 * jars and from nowhere else. Safe for use by any thread.
 */
final class PluginClassLoader extends URLClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** In front of the plugin id in the name of its loader, as stack traces show it. */
    static final String NAME_PREFIX = "plugin-";

    private final ClassLoader host;

    PluginClassLoader(String pluginId, URL[] jars, ClassLoader host) {
        super(NAME_PREFIX + pluginId, jars, ClassLoader.getPlatformClassLoader());
        this.host = host;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        return HostPackages.holdClass(name) ? host.loadClass(name) : super.loadClass(name, resolve);
    }

    @Override
    public @Nullable URL getResource(String name) {
        return HostPackages.holdResource(name) ? host.getResource(name) : super.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return HostPackages.holdResource(name) ? host.getResources(name) : super.getResources(name);
    }
}
