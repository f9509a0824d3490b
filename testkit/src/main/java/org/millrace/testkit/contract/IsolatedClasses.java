package org.millrace.testkit.contract;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads the plugin and its libraries from the test's class path anew, as a host does from the plugin's jar; what a host
 * gives to plugins (the SPI, logging, Netty) and what the test itself is made of are shared.
 */
final class IsolatedClasses extends URLClassLoader {
    private static final List<String> SHARED = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "org.millrace.spi.",
            "org.millrace.testkit.",
            "org.slf4j.",
            "ch.qos.logback.",
            "org.jspecify.",
            "org.junit.",
            "io.netty.");

    IsolatedClasses(ClassLoader tests) throws MalformedURLException {
        super("plugin-under-test", classPath(), tests);
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (SHARED.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> found = findLoadedClass(name);
            if (found == null) {
                found = findClass(name);
            }
            if (resolve) {
                resolveClass(found);
            }
            return found;
        }
    }
}
