package org.millrace.host.plugin;

import java.io.IOException;
import java.util.ServiceConfigurationError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.resource.ResourceException;

/**
 * Says what a plugin's failure means in an operator's words. The JVM's linkage errors name a class or a number and leave
 * the rest to the reader.
 */
final class FailureReasons {
    private static final Pattern CLASS_VERSION = Pattern.compile("class file version (\\d+)");

    /** Class file versions count from 44 for Java 1.0. */
    private static final int CLASS_FILE_BASE = 44;

    private FailureReasons() {}

    /** What failed, and what to do. */
    static PluginFailure of(PluginPhase phase, String pluginId, Throwable failure) {
        return switch (failure) {
            case ConfigurationException e ->
                new PluginFailure(
                        phase,
                        e.problems().size() == 1
                                ? e.problems().getFirst()
                                : e.problems().size() + " problems in its configuration: "
                                        + String.join("; ", e.problems()),
                        "Correct its section, then restart.");
            case UnsupportedClassVersionError e -> {
                Matcher m = CLASS_VERSION.matcher(String.valueOf(e.getMessage()));
                String built = m.find() ? "Java " + (Integer.parseInt(m.group(1)) - CLASS_FILE_BASE) : "a newer Java";
                yield new PluginFailure(
                        phase,
                        "it was built for " + built + ", the host runs on Java "
                                + Runtime.version().feature(),
                        "Install a build for this Java version.");
            }
            case ServiceConfigurationError e -> provider(phase, pluginId, e);
            case ClassNotFoundException e -> missingClass(phase, e);
            // The second attempt to use a class whose static initialiser failed; no class is missing.
            case NoClassDefFoundError e
            when String.valueOf(e.getMessage()).startsWith("Could not initialize") ->
                new PluginFailure(
                        phase, "a class cannot be loaded: " + describe(e), "Install a mended build of the plugin.");
            case NoClassDefFoundError e -> missingClass(phase, e);
            case IncompatibleClassChangeError e ->
                new PluginFailure(
                        phase,
                        "it was built against another version of the SPI or of a library: " + describe(e),
                        "Install a build for SPI " + SpiVersion.OFFERED + ".");
            // One native library belongs to one class loader, for as long as that is not collected.
            case UnsatisfiedLinkError e
            when String.valueOf(e.getMessage()).contains("already loaded in another classloader") ->
                new PluginFailure(
                        phase,
                        "another plugin, or this one before it was replaced, has loaded the same native library file: "
                                + e.getMessage(),
                        "Let each plugin load a copy of the library of its own, or restart the host.");
            case LinkageError e ->
                new PluginFailure(
                        phase, "a class cannot be loaded: " + describe(e), "Install a mended build of the plugin.");
            default ->
                new PluginFailure(
                        phase,
                        reason(failure),
                        "Mend the cause, then start it again (millrace plugin start " + pluginId
                                + ") or the host, or set " + pluginId + ".disabled to true.");
        };
    }

    private static PluginFailure provider(PluginPhase phase, String pluginId, ServiceConfigurationError e) {
        Throwable cause = e.getCause();
        if (cause != null) {
            return of(phase, pluginId, cause);
        }
        // The JDK puts the service's name in front: "org.millrace.spi.plugin.Plugin: Provider x.Y not found".
        String message = String.valueOf(e.getMessage());
        return new PluginFailure(
                phase,
                message.substring(message.indexOf(": ") + 1).strip(),
                "The provider must be a public class with a public constructor without arguments that implements"
                        + " org.millrace.spi.plugin.Plugin.");
    }

    private static PluginFailure missingClass(PluginPhase phase, Throwable e) {
        String name = String.valueOf(e.getMessage()).replace('/', '.');
        return new PluginFailure(
                phase,
                "class " + name + " is missing from the plugin",
                "Add the library that holds it to the plugin's jar, or put both in a folder of the plugins directory.");
    }

    /**
     * An exception's own message where its author wrote one for people, which plugins are asked to do; otherwise also
     * its type and place.
     */
    private static String reason(Throwable failure) {
        boolean meantForPeople = failure instanceof IOException || failure instanceof ResourceException;
        String message = failure.getMessage();
        if (meantForPeople && message != null) {
            return message;
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return describe(failure) + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    private static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < 3; depth++) {
            text.append(", caused by ").append(cause);
            cause = cause.getCause();
        }
        return text.toString();
    }
}
