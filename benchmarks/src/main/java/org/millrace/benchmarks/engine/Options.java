package org.millrace.benchmarks.engine;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What is measured, and for how long.
 *
 * @param directory a directory on the disk to measure
 * @param seconds how long each row is measured
 * @param warmUp how long each row runs before that
 * @param keys how many records the stores have
 * @param inFlight how many puts wait for the disk at once
 * @param indexedKeys how many records the store with secondary indexes has
 * @param subscriptions how many subscriptions topics are matched with
 * @param subscribers how many subscribers one change reaches
 * @param only which parts are run
 */
record Options(
        Path directory,
        int seconds,
        int warmUp,
        List<Integer> keys,
        List<Integer> inFlight,
        int indexedKeys,
        int subscriptions,
        int subscribers,
        Set<String> only) {
    private static final Set<String> PARTS = Set.of("puts", "reads", "indexes", "matching", "fan-out");

    static final String USAGE = "usage: EngineBenchmarks [--directory DIR] [--seconds 60] [--warm-up 5] [--keys"
            + " 10000,1000000] [--in-flight 1,10,100,1000] [--indexed-keys 100000] [--subscriptions 1000000]"
            + " [--subscribers 10000] [--only puts,reads,indexes,matching,fan-out]";

    static Options parse(String[] arguments) {
        Options options = new Options(
                Path.of("."),
                60,
                5,
                List.of(10_000, 1_000_000),
                List.of(1, 10, 100, 1_000),
                100_000,
                1_000_000,
                10_000,
                PARTS);
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            options = options.with(arguments[i], arguments[i + 1]);
        }
        return options;
    }

    private Options with(String name, String value) {
        return switch (name) {
            case "--directory" -> copy(Path.of(value), seconds, warmUp, keys, inFlight, only);
            case "--seconds" -> copy(directory, number(value), warmUp, keys, inFlight, only);
            case "--warm-up" -> copy(directory, seconds, number(value), keys, inFlight, only);
            case "--keys" -> copy(directory, seconds, warmUp, numbers(value), inFlight, only);
            case "--in-flight" -> copy(directory, seconds, warmUp, keys, numbers(value), only);
            case "--only" -> copy(directory, seconds, warmUp, keys, inFlight, parts(value));
            case "--indexed-keys" -> sized(number(value), subscriptions, subscribers);
            case "--subscriptions" -> sized(indexedKeys, number(value), subscribers);
            case "--subscribers" -> sized(indexedKeys, subscriptions, number(value));
            default -> throw new IllegalArgumentException("unknown option " + name);
        };
    }

    private Options copy(
            Path directory, int seconds, int warmUp, List<Integer> keys, List<Integer> inFlight, Set<String> only) {
        return new Options(directory, seconds, warmUp, keys, inFlight, indexedKeys, subscriptions, subscribers, only);
    }

    private Options sized(int indexedKeys, int subscriptions, int subscribers) {
        return new Options(directory, seconds, warmUp, keys, inFlight, indexedKeys, subscriptions, subscribers, only);
    }

    private static Set<String> parts(String value) {
        Set<String> parts = Set.of(value.split(","));
        if (!PARTS.containsAll(parts)) {
            throw new IllegalArgumentException("--only " + value + " names a part that is none of " + PARTS);
        }
        return parts;
    }

    private static int number(String value) {
        return Integer.parseInt(value.replace("_", ""));
    }

    private static List<Integer> numbers(String value) {
        return Arrays.stream(value.split(",")).map(Options::number).toList();
    }
}
