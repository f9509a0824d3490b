package org.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** Looks into the heap of another JVM of this machine, with the JDK's own jcmd. */
final class Heap {
    private Heap() {}

    /** Bytes in use after a collection. */
    static long collected(long pid) throws IOException {
        String histogram = jcmd(pid, "GC.class_histogram");
        for (String line : histogram.lines().toList()) {
            String[] words = line.trim().split("\\s+", -1);
            if (words[0].equals("Total")) {
                return Long.parseLong(words[2]);
            }
        }
        throw new IOException("jcmd shows no total of the heap: " + histogram);
    }

    private static String jcmd(long pid, String command) throws IOException {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(program, "" + pid, command)
                .redirectErrorStream(true)
                .start();
        try (var output = process.inputReader()) {
            return output.readAllAsString();
        }
    }
}
