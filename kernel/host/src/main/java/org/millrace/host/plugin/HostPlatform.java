package org.millrace.host.plugin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a host runs on, for plugins with native libraries, in the words that Maven's classifiers of such libraries use.
 *
 * @param os {@code linux}, {@code osx}, {@code windows}, or what the JVM calls another
 * @param arch {@code x86_64}, {@code aarch_64}, or what the JVM calls another
 */
record HostPlatform(String os, String arch) {
    /** The present one. */
    static HostPlatform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    /** A platform by the JVM's names. */
    static HostPlatform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        return new HostPlatform(
                os.startsWith("mac") ? "osx" : os.startsWith("windows") ? "windows" : os,
                switch (arch) {
                    case "amd64", "x64" -> "x86_64";
                    case "aarch64", "arm64" -> "aarch_64";
                    default -> arch;
                });
    }

    /** Whether a manifest's list names it: {@code linux-x86_64, linux-aarch_64}, or {@code linux} for every arch. */
    boolean isAmong(String names) {
        List<String> wanted =
                Arrays.stream(names.split(",", -1)).map(String::strip).toList();
        return wanted.contains(os) || wanted.contains(toString());
    }

    @Override
    public String toString() {
        return os + "-" + arch;
    }
}
