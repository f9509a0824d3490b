package org.millrace.plugin.http.resource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.problem.JsonText;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Path;

/**
 * What became of the items of a bulk write: each one's result in the order of the request as long as there are few, and
 * for more, or where the client wants no more, counts and the first refusals. Used by one thread.
 */
final class BulkResults {
    /** Refusals told of in the summary. */
    private static final int REFUSALS = 100;

    /** What an entry takes beside its text. */
    private static final int ENTRY = 100;

    private final BodyMemory.Share memory;
    private final int most;
    private final String unit;
    private @Nullable TreeMap<Long, String> results = new TreeMap<>();
    private final TreeMap<Long, String> refusals = new TreeMap<>();
    private long written;
    private long refused;

    /**
     * Begins.
     *
     * @param most how many results are listed
     * @param unit what a position is called: {@code line} or {@code item}
     * @param memory where room for the results is taken from; where there is none, they are summed up
     */
    BulkResults(int most, String unit, BodyMemory.Share memory) {
        this.memory = memory;
        this.most = most;
        this.unit = unit;
        if (most == 0) {
            results = null;
        }
    }

    void written(long position, Commit commit) {
        written++;
        if (results != null) {
            keep(position, result(commit, false));
        }
    }

    void refused(long position, Problem problem) {
        refused++;
        if (results == null && refusals.size() == REFUSALS) {
            return;
        }
        String members = "\"status\":" + problem.status() + ",\"problem\":"
                + problem.json("").strip() + "}";
        if (refusals.size() < REFUSALS) {
            refusals.put(position, "{\"" + unit + "\":" + position + "," + members);
        }
        keep(position, "{" + members);
    }

    private void keep(long position, String result) {
        if (results != null) {
            results.put(position, result);
            if (results.size() > most || !memory.tryTake(result.length() + ENTRY)) {
                results = null;
            }
        }
    }

    /** The answer to a body that was read to its end. */
    String json() {
        if (results != null) {
            return "[" + String.join(",\n", results.values()) + "]\n";
        }
        return "{\"written\":" + written + ",\"refused\":" + refused + ",\"refusals\":["
                + String.join(",\n", refusals.values()) + "]}\n";
    }

    /** What was done before a body broke off. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("written", written);
        counts.put("refused", refused);
        return counts;
    }

    /** Results of a transaction. */
    static String json(List<Commit> commits) {
        List<String> all = new ArrayList<>(commits.size());
        commits.forEach(commit -> all.add(result(commit, true)));
        return "[" + String.join(",\n", all) + "]\n";
    }

    private static String result(Commit commit, boolean whole) {
        StringBuilder json = new StringBuilder(96);
        Path path = commit.path();
        JsonText.quote(json.append('{').append(whole ? "\"path\":" : "\"id\":"), whole ? path.toString() : path.id());
        json.append(",\"status\":").append(status(commit.effect()));
        if (commit.effect() == Effect.CREATED || commit.effect() == Effect.REPLACED) {
            json.append(",\"etag\":\"").append(commit.version()).append('"');
        }
        return json.append('}').toString();
    }

    /** What the same write would have been answered with by itself. */
    private static int status(Effect effect) {
        return switch (effect) {
            case CREATED -> 201;
            case UNCHANGED -> 404;
            case REPLACED, DELETED, PUBLISHED -> 204;
        };
    }
}
