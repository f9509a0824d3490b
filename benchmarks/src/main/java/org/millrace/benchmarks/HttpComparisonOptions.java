package org.millrace.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@link HttpComparison} measures.
 *
 * @param home an unpacked distribution
 * @param millis how long each row is measured, after a warm-up of half of it
 * @param records how many records there are
 * @param connections how many connections have one request each in flight; rows of writes are run with each number, the
 *     others with the first
 * @param rounds how often all rows are run
 * @param other a server started beforehand that acknowledges writes when they are on disk, as {@link HttpPeer#of} takes
 *     it; empty for none
 * @param early a server started beforehand that acknowledges writes before; empty for none
 * @param filled whether the other servers have the records already
 * @param only beginnings of the names of the rows wanted; empty for all
 */
record HttpComparisonOptions(
        Path home,
        long millis,
        int records,
        List<Integer> connections,
        int rounds,
        String other,
        String early,
        boolean filled,
        List<String> only) {
    static final String USAGE = "usage: HttpComparison HOME [--seconds 3] [--records 1000000] [--connections 32,256]"
            + " [--rounds 2] [--other HOST:PORT:TABLE:PID:AUTHORIZATION] [--early HOST:PORT:TABLE:PID:AUTHORIZATION]"
            + " [--filled true] [--only GET,PUT,query]";

    private static final Set<String> NAMES =
            Set.of("--seconds", "--records", "--connections", "--rounds", "--other", "--early", "--filled", "--only");

    static HttpComparisonOptions parse(String[] arguments) {
        if (arguments.length % 2 != 1) {
            throw new IllegalArgumentException("the distribution's folder, then options with a value each");
        }
        Map<String, String> given = new HashMap<>();
        for (int i = 1; i < arguments.length; i += 2) {
            if (!NAMES.contains(arguments[i])) {
                throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
            given.put(arguments[i], arguments[i + 1]);
        }
        List<Integer> connections = Arrays.stream(
                        given.getOrDefault("--connections", "32,256").split(","))
                .map(Integer::valueOf)
                .toList();
        List<String> only = new ArrayList<>();
        if (given.containsKey("--only")) {
            only.addAll(Arrays.asList(given.get("--only").split(",")));
        }
        return new HttpComparisonOptions(
                Path.of(arguments[0]),
                Long.parseLong(given.getOrDefault("--seconds", "3")) * 1_000,
                Integer.parseInt(given.getOrDefault("--records", "1000000").replace("_", "")),
                connections,
                Integer.parseInt(given.getOrDefault("--rounds", "2")),
                given.getOrDefault("--other", ""),
                given.getOrDefault("--early", ""),
                Boolean.parseBoolean(given.getOrDefault("--filled", "false")),
                List.copyOf(only));
    }

    boolean wants(String row) {
        return only.isEmpty() || only.stream().anyMatch(row::startsWith);
    }
}
