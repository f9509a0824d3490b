package org.millrace.query;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.content.AttributeSelection;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * The conditions of a live query, which are asked of one record after the other as they change. Immutable, safe for use
 * by any thread; never blocks.
 */
public final class LiveCondition {
    private final Condition where;
    private final AttributeSelection attributes;

    private LiveCondition(Condition where, AttributeSelection attributes) {
        this.where = where;
        this.attributes = attributes;
    }

    /**
     * Reads a live query of tables without relationships.
     *
     * @param text conditions, as the query string of a URL carries them
     * @return what they ask
     * @throws ResourceException as {@link #parse(String, Set)} says
     */
    public static LiveCondition parse(String text) {
        return parse(text, Set.of());
    }

    /**
     * Reads a live query. It judges each record by itself, so it cannot follow relationships.
     *
     * @param relationships names that are relationships of a table it asks
     * @param text conditions, as the query string of a URL carries them
     * @return what they ask
     * @throws ResourceException {@link ErrorCode#INVALID} with the position of what is wrong;
     *     {@link ErrorCode#UNSUPPORTED} for what shapes a result and so has no meaning for a change
     */
    public static LiveCondition parse(String text, Set<String> relationships) {
        ParsedQuery query = QueryParser.parse(text);
        String shaping = shaping(query);
        if (shaping != null) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "a live query takes conditions only: remove " + shaping + ", and shape the changes as they come");
        }
        AttributeSelection attributes = RecordAttributes.Wanted.of(query).conditions();
        for (AttributePath attribute : attributes.paths()) {
            if (relationships.contains(attribute.names().getFirst())) {
                throw new ResourceException(
                        ErrorCode.UNSUPPORTED,
                        "query, position " + query.places().attributes().getOrDefault(attribute, 0)
                                + ": a live query cannot follow relationships, as '" + attribute
                                + "' does; follow both tables, or ask again when a change comes");
            }
        }
        return new LiveCondition(query.where(), attributes);
    }

    private static @Nullable String shaping(ParsedQuery query) {
        if (query.explain()) {
            return "explain()";
        }
        if (query.isAggregate()) {
            return "group() and the aggregates";
        }
        if (!query.select().isEmpty()) {
            return "select()";
        }
        if (!query.sort().isEmpty()) {
            return "sort()";
        }
        return query.offset() > 0 || query.limit() < Long.MAX_VALUE ? "limit()" : null;
    }

    /**
     * Whether a record belongs to the result.
     *
     * @param path its path
     * @param content what it holds
     * @return true if it fulfils the conditions
     */
    public boolean matches(Path path, Content content) {
        return where.test(new Candidate(path, content));
    }

    /** One record, whose content is looked through when the first attribute of it is asked for. */
    private final class Candidate implements Attributes {
        private final Path path;
        private final Content content;
        private @Nullable List<Value> values;

        Candidate(Path path, Content content) {
            this.path = path;
            this.content = content;
        }

        @Override
        public Value value(AttributePath attribute) {
            if (attribute.equals(RecordAttributes.ID)) {
                return RecordAttributes.id(path);
            }
            if (values == null) {
                values = attributes.extract(content);
            }
            return values.get(attributes.paths().indexOf(attribute));
        }
    }
}
