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
        int subscriptions,
        int subscribers,
        Set<String> only) {
    static final String USAGE = "usage: EngineBenchmarks [--directory DIR] [--seconds 60] [--warm-up 5]"
            + " [--keys 10000,1000000] [--in-flight 1,10,100,1000] [--subscriptions 1000000] [--subscribers 10000]"
            + " [--only puts,reads,matching,fan-out]";

    static Options parse(String[] arguments) {
        Options options = new Options(
                Path.of("."),
                60,
                5,
                List.of(10_000, 1_000_000),
                List.of(1, 10, 100, 1_000),
                1_000_000,
                10_000,
                Set.of("puts", "reads", "matching", "fan-out"));
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
            case "--directory" ->
                new Options(Path.of(value), seconds, warmUp, keys, inFlight, subscriptions, subscribers, only);
            case "--seconds" ->
                new Options(directory, number(value), warmUp, keys, inFlight, subscriptions, subscribers, only);
            case "--warm-up" ->
                new Options(directory, seconds, number(value), keys, inFlight, subscriptions, subscribers, only);
            case "--keys" ->
                new Options(directory, seconds, warmUp, numbers(value), inFlight, subscriptions, subscribers, only);
            case "--in-flight" ->
                new Options(directory, seconds, warmUp, keys, numbers(value), subscriptions, subscribers, only);
            case "--subscriptions" ->
                new Options(directory, seconds, warmUp, keys, inFlight, number(value), subscribers, only);
            case "--subscribers" ->
                new Options(directory, seconds, warmUp, keys, inFlight, subscriptions, number(value), only);
            case "--only" ->
                new Options(
                        directory,
                        seconds,
                        warmUp,
                        keys,
                        inFlight,
                        subscriptions,
                        subscribers,
                        Set.of(value.split(",")));
            default -> throw new IllegalArgumentException("unknown option " + name);
        };
    }

    private static int number(String value) {
        return Integer.parseInt(value.replace("_", ""));
    }

    private static List<Integer> numbers(String value) {
        return Arrays.stream(value.split(",")).map(Options::number).toList();
    }
}
