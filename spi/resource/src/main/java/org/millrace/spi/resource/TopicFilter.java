package org.millrace.spi.resource;

/**
 * Selects paths by MQTT's wildcards (MQTT 5 section 4.7), in every protocol: {@code +} stands for one level, a final
 * {@code #} for any number of levels, including none. A filter that starts with a wildcard does not match paths that
 * start with {@code $}.
 *
 * @since 0.1
 */
public final class TopicFilter {
    /** Matches every path that is not the system's. */
    public static final TopicFilter ALL = new TopicFilter("#");

    private final String text;

    private TopicFilter(String text) {
        this.text = text;
    }

    /**
     * Reads a filter.
     *
     * @param text for example {@code sensors/+/temp} or {@code sensors/#}
     * @return the filter
     * @throws ResourceException {@link ErrorCode#INVALID} if empty, if a wildcard does not fill its level, if {@code #}
     *     is not last, or if it holds U+0000 or a lone surrogate; {@link ErrorCode#TOO_LARGE} beyond
     *     {@link Path#MAX_BYTES}
     */
    public static TopicFilter of(String text) {
        if (text.isEmpty()) {
            throw new ResourceException(ErrorCode.INVALID, "a topic filter must not be empty");
        }
        TopicText.check("topic filter", text);
        int last = text.length() - 1;
        for (int i = 0; i <= last; i++) {
            char c = text.charAt(i);
            if (c == '+' || c == '#') {
                boolean startsLevel = i == 0 || text.charAt(i - 1) == '/';
                boolean endsLevel = i == last || text.charAt(i + 1) == '/';
                if (!startsLevel || !endsLevel) {
                    throw invalid(text, "'" + c + "' at position " + i + " must fill its level");
                }
                if (c == '#' && i != last) {
                    throw invalid(text, "'#' at position " + i + " must be the last level");
                }
            }
        }
        return new TopicFilter(text);
    }

    /**
     * The filter that matches one path only.
     *
     * @param path any path
     * @return its filter
     */
    public static TopicFilter exactly(Path path) {
        return new TopicFilter(path.toString());
    }

    /**
     * The filter of a whole table: every id in it and the record with the table's own name.
     *
     * @param table the table's name
     * @return {@code table/#}
     * @throws ResourceException as {@link #of(String)}
     */
    public static TopicFilter table(String table) {
        return of(table + "/#");
    }

    private static ResourceException invalid(String text, String why) {
        return new ResourceException(ErrorCode.INVALID, "topic filter '" + TopicText.shown(text) + "': " + why);
    }

    /**
     * Whether this filter has no wildcard and so matches one path at most.
     *
     * @return true for a plain path
     */
    public boolean isExact() {
        return TopicText.indexOfWildcard(text) < 0;
    }

    /**
     * Whether a path is selected.
     *
     * @param path any path
     * @return true if it matches
     */
    public boolean matches(Path path) {
        return matches(path.toString());
    }

    /**
     * Whether a topic name is selected; the name must be a legal path.
     *
     * @param topic a path's text
     * @return true if it matches
     */
    public boolean matches(String topic) {
        if (topic.charAt(0) == '$' && (text.charAt(0) == '+' || text.charAt(0) == '#')) {
            return false;
        }
        int f = 0;
        int t = 0;
        int filterEnd = text.length();
        int topicEnd = topic.length();
        while (true) {
            int fNext = levelEnd(text, f);
            if (fNext - f == 1 && text.charAt(f) == '#') {
                return true;
            }
            int tNext = levelEnd(topic, t);
            boolean plus = fNext - f == 1 && text.charAt(f) == '+';
            if (!plus && (fNext - f != tNext - t || !text.regionMatches(f, topic, t, tNext - t))) {
                return false;
            }
            boolean filterDone = fNext == filterEnd;
            boolean topicDone = tNext == topicEnd;
            if (topicDone) {
                // "sport/#" also matches "sport" (MQTT 5 section 4.7.1.2).
                return filterDone || (fNext + 2 == filterEnd && text.charAt(fNext + 1) == '#');
            }
            if (filterDone) {
                return false;
            }
            f = fNext + 1;
            t = tNext + 1;
        }
    }

    private static int levelEnd(String s, int from) {
        int slash = s.indexOf('/', from);
        return slash < 0 ? s.length() : slash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicFilter filter && filter.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The filter's text, as {@link #of(String)} reads it. */
    @Override
    public String toString() {
        return text;
    }
}
