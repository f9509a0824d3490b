package org.millrace.replication;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Of which tables a node wants the events that are kept nowhere. A table is told by a word that can be part of a NATS
 * subject: {@code t} and its name, or {@code h} and a hash of a name that has other characters. Immutable.
 *
 * @param all whether it wants those of any table
 * @param words the tables' words
 */
record Wants(boolean all, Set<String> words) {
    static final Wants NOTHING = new Wants(false, Set.of());
    static final Wants ALL = new Wants(true, Set.of());

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String ANY = "*";

    Wants {
        words = Set.copyOf(words);
    }

    static Wants of(Optional<Set<String>> tables) {
        return tables.map(named -> new Wants(
                        false, Set.copyOf(named.stream().map(Wants::word).toList())))
                .orElse(ALL);
    }

    /** What several nodes want. */
    static Wants union(Collection<Wants> all) {
        Set<String> words = new TreeSet<>();
        boolean any = false;
        for (Wants wants : all) {
            any |= wants.all();
            words.addAll(wants.words());
        }
        return any ? ALL : new Wants(false, words);
    }

    boolean includes(String table) {
        return all || !words.isEmpty() && words.contains(word(table));
    }

    /** A table as part of a subject. */
    static String word(String table) {
        return PLAIN.matcher(table).matches() ? "t" + table : "h" + hash(table);
    }

    private static String hash(String table) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(table.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Reads what {@link #toString} gives. */
    static Wants parse(String text) {
        if (text.equals(ANY)) {
            return ALL;
        }
        return text.isEmpty() ? NOTHING : new Wants(false, Set.of(text.split(",", -1)));
    }

    @Override
    public String toString() {
        return all ? ANY : String.join(",", new TreeSet<>(words));
    }
}
