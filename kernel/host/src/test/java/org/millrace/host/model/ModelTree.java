package org.millrace.host.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.millrace.content.AttributePath;
import org.millrace.content.AttributeSelection;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/**
 * The tree as a plain map: what a log of changes must make of it. It computes each change's content from the one before by
 * itself, and holds the log against it.
 */
final class ModelTree {
    private static final AttributeSelection FIELDS =
            new AttributeSelection(List.of(new AttributePath(List.of("a")), new AttributePath(List.of("b"))));

    /** A record's two numbers; null where one is missing. */
    record State(Long a, Long b, Instant expiresAt, Version version) {
        boolean sameContent(State other) {
            return java.util.Objects.equals(a, other.a) && java.util.Objects.equals(b, other.b);
        }
    }

    final Map<Path, State> records = new TreeMap<>();
    /** By path, the changes that altered its record, and what was there after each. */
    final Map<Path, List<Change>> altered = new TreeMap<>();

    static ModelTree of(List<Change> log) {
        ModelTree tree = new ModelTree();
        long position = 0;
        for (Change change : log) {
            assertThat(change.cursor().position()).as("order of the log").isGreaterThan(position);
            position = change.cursor().position();
            tree.apply(change);
        }
        return tree;
    }

    private void apply(Change change) {
        State before = records.get(change.path());
        switch (change.kind()) {
            case PUT -> records.put(change.path(), state(change));
            case PATCH -> {
                State after = state(change);
                State patch = numbers(change.patch().orElseThrow());
                State merged = merge(before, patch);
                // One whose time is over counts for nothing, although it takes a moment until it is swept away.
                boolean mortal = before != null && before.expiresAt().isBefore(WriteOptions.NEVER);
                assertThat(after.sameContent(merged) || (mortal && after.sameContent(patch)))
                        .as("%s merged %s into %s and gave %s", change, patch, before, after)
                        .isTrue();
                records.put(change.path(), after);
            }
            case DELETE -> {
                assertThat(before).as("%s has something to delete", change).isNotNull();
                records.remove(change.path());
            }
            case EXPIRE -> {
                assertThat(before).as("%s has something to expire", change).isNotNull();
                assertThat(before.expiresAt()).as("%s may expire", change).isBefore(WriteOptions.NEVER);
                records.remove(change.path());
            }
            case EVENT -> {
                return;
            }
        }
        altered.computeIfAbsent(change.path(), _ -> new ArrayList<>()).add(change);
    }

    private static State merge(State before, State patch) {
        return before == null
                ? patch
                : new State(
                        patch.a() != null ? patch.a() : before.a(),
                        patch.b() != null ? patch.b() : before.b(),
                        before.expiresAt(),
                        before.version());
    }

    static State state(Change change) {
        State numbers = numbers(change.content().orElseThrow());
        return new State(numbers.a(), numbers.b(), change.expiresAt(), change.version());
    }

    static State numbers(Content content) {
        List<Value> values = FIELDS.extract(content);
        return new State(number(values.get(0)), number(values.get(1)), WriteOptions.NEVER, Version.NONE);
    }

    private static Long number(Value value) {
        return value instanceof Value.Whole whole ? whole.value() : null;
    }

    boolean hasOverdue(Instant now) {
        return records.values().stream().anyMatch(state -> !state.expiresAt().isAfter(now));
    }
}
