package org.millrace.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a host's process holds at a moment, after a collection of its garbage.
 *
 * @param loaders class loaders of plugins
 * @param threads of the system
 * @param listening TCP sockets that listen
 * @param metaspaceKiB space in use for classes
 */
record Footprint(int loaders, int threads, long listening, long metaspaceKiB) {
    private static final String LOADER = "org.millrace.host.plugin.PluginClassLoader";
    private static final String LISTEN = "0A";
    private static final Pattern THREADS = Pattern.compile("(?m)^Threads:\\s*(\\d+)");
    private static final Pattern METASPACE = Pattern.compile("Both:.*\\s([\\d.]+) MB \\([^)]*\\) used");

    static Footprint of(long pid) throws IOException {
        int loaders = jcmd(pid, "GC.class_histogram").stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length >= 4 && columns[3].equals(LOADER))
                .mapToInt(columns -> Integer.parseInt(columns[1]))
                .sum();
        int threads = (int) number(THREADS, Files.readString(Path.of("/proc/" + pid + "/status")));
        long metaspace = Math.round(1024 * number(METASPACE, String.join("\n", jcmd(pid, "VM.metaspace"))));
        return new Footprint(loaders, threads, listening(pid), metaspace);
    }

    /** The listening sockets of the machine that the process has open. */
    private static long listening(long pid) throws IOException {
        Set<String> own = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    own.add(Files.readSymbolicLink(file).toString());
                }
            }
        }
        long count = 0;
        for (String table : List.of("tcp", "tcp6")) {
            Path file = Path.of("/proc/" + pid + "/net/" + table);
            if (Files.exists(file)) {
                count += Files.readAllLines(file).stream()
                        .map(line -> line.strip().split("\\s+"))
                        .filter(columns -> columns.length > 9 && columns[3].equals(LISTEN))
                        .filter(columns -> own.contains("socket:[" + columns[9] + "]"))
                        .count();
            }
        }
        return count;
    }

    private static double number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return Double.parseDouble(matcher.group(1));
    }

    private static List<String> jcmd(long pid, String command) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        return jcmd.inputReader().lines().toList();
    }
}
