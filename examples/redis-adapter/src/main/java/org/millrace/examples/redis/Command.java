package org.millrace.examples.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * One request of a client.
 *
 * @param name in capitals
 * @param arguments what follows the name; the arrays belong to whoever reads them
 */
record Command(String name, List<byte[]> arguments) {
    static Command of(List<byte[]> words) {
        String name = new String(words.getFirst(), StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
        return new Command(name, words.subList(1, words.size()));
    }

    int size() {
        return arguments.size();
    }

    byte[] bytes(int i) {
        return arguments.get(i);
    }

    String text(int i) {
        return new String(arguments.get(i), StandardCharsets.UTF_8);
    }

    String option(int i) {
        return text(i).toUpperCase(Locale.ROOT);
    }

    /**
     * A number among the arguments.
     *
     * @throws RedisException as Redis says it
     */
    long number(int i) {
        return number(text(i));
    }

    static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new RedisException("ERR value is not an integer or out of range");
        }
    }
}
