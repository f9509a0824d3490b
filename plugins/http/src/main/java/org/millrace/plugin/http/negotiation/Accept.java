package org.millrace.plugin.http.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ResourceException;

/**
 * What a client accepts (RFC 9110 section 12.5.1): ranges with weights, the most specific one deciding for a type.
 *
 * <p>Parameters other than {@code q} are not compared, for formats here have none. What cannot be read as a range is
 * passed over, as clients in the field send odd ones beside good ones.
 */
public final class Accept {
    /** Accepts everything alike: no header field, or the plain {@code *}{@code /*}. */
    public static final Accept ALL = new Accept("*/*", List.of(new Range("*", "*", 1000)));

    /** The formats structured content can be had in, in the order of preference. */
    private static final List<MediaType> STRUCTURED = List.of(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK);

    /** A range and its weight in thousandths; with the type itself where it names one. */
    private record Range(
            String type,
            String subtype,
            int weight,
            @Nullable MediaType named) {
        Range(String type, String subtype, int weight) {
            this(type, subtype, weight, null);
        }

        /** How closely this names a type: 0 not at all, 1 anything, 2 the major type, 3 itself. */
        int match(MediaType candidate) {
            String name = candidate.name();
            if (type.equals("*")) {
                return 1;
            }
            if (subtype.equals("*")) {
                return name.startsWith(type) && name.charAt(type.length()) == '/' ? 2 : 0;
            }
            return name.length() == type.length() + 1 + subtype.length()
                            && name.startsWith(type)
                            && name.endsWith(subtype)
                            && name.charAt(type.length()) == '/'
                    ? 3
                    : 0;
        }
    }

    private final String text;
    private final List<Range> ranges;

    private Accept(String text, List<Range> ranges) {
        this.text = text;
        this.ranges = ranges;
    }

    /**
     * Reads the header field.
     *
     * @param text its value; several fields joined by commas
     * @return what is accepted
     */
    public static Accept parse(String text) {
        if (text.equals("*/*")) {
            return ALL;
        }
        List<Range> ranges = new ArrayList<>(4);
        for (String element : text.split(",", -1)) {
            String[] parts = element.split(";", -1);
            range(parts).ifPresent(ranges::add);
        }
        return ranges.isEmpty() && text.isBlank() ? ALL : new Accept(text, ranges);
    }

    private static Optional<Range> range(String[] parts) {
        int weight = 1000;
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.length() > 2 && parameter.regionMatches(true, 0, "q=", 0, 2)) {
                weight = weight(parameter.substring(2));
            }
        }
        String name = parts[0].strip().toLowerCase(Locale.ROOT);
        if (weight < 0 || name.isEmpty()) {
            return Optional.empty();
        }
        if (name.equals("*") || name.equals("*/*")) {
            return Optional.of(new Range("*", "*", weight));
        }
        if (name.endsWith("/*")) {
            return Optional.of(new Range(name.substring(0, name.length() - 2), "*", weight));
        }
        try {
            MediaType named = MediaType.parse(name);
            String known = named.name();
            int slash = known.indexOf('/');
            return Optional.of(new Range(known.substring(0, slash), known.substring(slash + 1), weight, named));
        } catch (ResourceException e) {
            return Optional.empty();
        }
    }

    /** A weight in thousandths, -1 if it is none. {@code .5} is taken as Java's HttpURLConnection sends it. */
    private static int weight(String text) {
        int dot = text.indexOf('.');
        String whole = dot < 0 ? text : text.substring(0, dot);
        String fraction = dot < 0 ? "" : text.substring(dot + 1);
        boolean digits = fraction.chars().allMatch(c -> c >= '0' && c <= '9') && fraction.length() <= 3;
        boolean one = whole.equals("1");
        if (!digits || !one && !whole.equals("0") && !(whole.isEmpty() && !fraction.isEmpty())) {
            return -1;
        }
        int thousandths = fraction.isEmpty() ? 0 : Integer.parseInt((fraction + "00").substring(0, 3));
        return one ? thousandths == 0 ? 1000 : -1 : thousandths;
    }

    /**
     * How much a type is wanted.
     *
     * @param type a media type
     * @return the weight in thousandths; 0 if it is not accepted
     */
    public int weight(MediaType type) {
        int closest = 0;
        int weight = 0;
        for (Range range : ranges) {
            int match = range.match(type);
            if (match > closest) {
                closest = match;
                weight = range.weight;
            }
        }
        return weight;
    }

    /**
     * The form of a content that is wanted most. Among equals the stored one comes first, since it costs nothing.
     *
     * @param content what there is
     * @return empty if no form is accepted
     */
    public Optional<MediaType> choose(Content content) {
        MediaType stored = content.mediaType();
        return this == ALL ? Optional.of(stored) : choose(candidates(content));
    }

    /** The forms at hand, and behind them what is accepted by name and can be made: formats that plugins teach. */
    private List<MediaType> candidates(Content content) {
        List<MediaType> types = available(content);
        for (Range range : ranges) {
            MediaType named = range.named;
            if (named != null && !types.contains(named) && content.canBe(named)) {
                types.add(named);
            }
        }
        return types;
    }

    /**
     * The type that is wanted most among several.
     *
     * @param candidates in the order of preference
     * @return empty if none is accepted
     */
    public Optional<MediaType> choose(List<MediaType> candidates) {
        Optional<MediaType> best = Optional.empty();
        int bestWeight = 0;
        for (MediaType candidate : candidates) {
            int weight = weight(candidate);
            if (weight > bestWeight) {
                bestWeight = weight;
                best = Optional.of(candidate);
            }
        }
        return best;
    }

    /**
     * The forms a content can be had in.
     *
     * @param content what there is
     * @return the stored one first
     */
    public static List<MediaType> available(Content content) {
        List<MediaType> types = new ArrayList<>(4);
        types.add(content.mediaType());
        for (MediaType type : STRUCTURED) {
            if (!type.equals(content.mediaType()) && content.canBe(type)) {
                types.add(type);
            }
        }
        return types;
    }

    /** The header field's value, as it was sent. */
    @Override
    public String toString() {
        return text;
    }
}
