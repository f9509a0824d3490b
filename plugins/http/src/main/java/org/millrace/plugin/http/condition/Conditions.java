package org.millrace.plugin.http.condition;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Version;

/**
 * The conditions of one request (RFC 9110 section 13.1), applied in the order of section 13.2.2.
 *
 * <p>{@code If-Match} asks about the record and so takes a tag of any of its formats; weak tags never match there.
 * {@code If-None-Match} asks about the bytes the client has and so compares the whole tag, weakly; whether those
 * were compressed on their way makes no difference to it.
 */
public final class Conditions {
    /** No conditions. */
    public static final Conditions NONE = new Conditions(null, null, null, null);

    /** What a conditional read comes to. */
    public enum Outcome {
        /** Answer as if there were no conditions. */
        PROCEED,
        /** 304: the client has it already. */
        NOT_MODIFIED,
        /** 412: a precondition does not hold. */
        FAILED
    }

    /** A list of tags, or the asterisk. */
    private record Tags(boolean any, List<EntityTag> list) {
        List<Version> versions(boolean strongOnly) {
            return list.stream()
                    .filter(t -> !strongOnly || !t.weak())
                    .map(EntityTag::version)
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    private final @Nullable Tags ifMatch;
    private final @Nullable Tags ifNoneMatch;
    private final @Nullable Instant ifModifiedSince;
    private final @Nullable Instant ifUnmodifiedSince;

    private Conditions(
            @Nullable Tags ifMatch,
            @Nullable Tags ifNoneMatch,
            @Nullable Instant ifModifiedSince,
            @Nullable Instant ifUnmodifiedSince) {
        this.ifMatch = ifMatch;
        this.ifNoneMatch = ifNoneMatch;
        this.ifModifiedSince = ifModifiedSince;
        this.ifUnmodifiedSince = ifUnmodifiedSince;
    }

    /**
     * Reads the conditions of a request. The dates are left away where the tags make them void.
     *
     * @param headers the request's header fields
     * @return its conditions
     * @throws org.millrace.plugin.http.problem.ProblemException 400 for a malformed list of tags
     */
    public static Conditions of(HttpHeaders headers) {
        Tags match = tags(headers, HttpHeaderNames.IF_MATCH);
        Tags noneMatch = tags(headers, HttpHeaderNames.IF_NONE_MATCH);
        Instant modified = noneMatch != null ? null : date(headers, HttpHeaderNames.IF_MODIFIED_SINCE);
        Instant unmodified = match != null ? null : date(headers, HttpHeaderNames.IF_UNMODIFIED_SINCE);
        return match == null && noneMatch == null && modified == null && unmodified == null
                ? NONE
                : new Conditions(match, noneMatch, modified, unmodified);
    }

    private static @Nullable Tags tags(HttpHeaders headers, CharSequence name) {
        String first = headers.get(name);
        if (first == null) {
            return null;
        }
        String text = String.join(",", headers.getAll(name)).strip();
        return text.equals("*")
                ? new Tags(true, List.of())
                : new Tags(false, EntityTag.parseList(name.toString(), text));
    }

    private static @Nullable Instant date(HttpHeaders headers, CharSequence name) {
        String text = headers.get(name);
        return text == null ? null : HttpDate.parse(text).orElse(null);
    }

    /**
     * Applies the conditions to a read. A record that is not there is 404 whatever the conditions (section 13.2.1).
     *
     * @param version the record's version
     * @param tag the tag of the representation that would be given, without its quotes
     * @return what to answer
     */
    public Outcome forRead(Version version, String tag) {
        if (this == NONE) {
            return Outcome.PROCEED;
        }
        Instant modified = Instant.ofEpochSecond(version.epochMillis() / 1000);
        if (ifMatch != null && !ifMatch.any && !ifMatch.versions(true).contains(version)) {
            return Outcome.FAILED;
        }
        if (ifUnmodifiedSince != null && modified.isAfter(ifUnmodifiedSince)) {
            return Outcome.FAILED;
        }
        if (ifNoneMatch != null) {
            boolean has = ifNoneMatch.any
                    || ifNoneMatch.list.stream().anyMatch(t -> t.withoutCoding().equals(tag));
            return has ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
        }
        boolean unchanged = ifModifiedSince != null && !modified.isAfter(ifModifiedSince);
        return unchanged ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
    }

    /**
     * Whether {@link #forWrite} needs the record: for a date, and for one combination of tags that the SPI has no
     * precondition for.
     *
     * @return true if the record must be read first
     */
    public boolean needsRecord() {
        return ifUnmodifiedSince != null || ifMatch != null && ifMatch.any && ifNoneMatch != null;
    }

    /**
     * The conditions of a write, as the writer checks them against the newest state. {@code If-Modified-Since} has no
     * meaning for writes (section 13.1.3).
     *
     * @param current the record as it was read, if {@link #needsRecord}; otherwise empty
     * @return the precondition
     * @throws org.millrace.plugin.http.problem.ProblemException 412 if what was read does not satisfy them already
     */
    public Precondition forWrite(Optional<Entry> current) {
        if (this == NONE) {
            return Precondition.NONE;
        }
        if (needsRecord()) {
            return bindTo(current);
        }
        if (ifMatch == null) {
            return ifNoneMatch == null
                    ? Precondition.NONE
                    : ifNoneMatch.any ? Precondition.ABSENT : new Precondition.NoneOf(ifNoneMatch.versions(false));
        }
        if (ifMatch.any) {
            return Precondition.PRESENT;
        }
        if (ifNoneMatch == null) {
            return new Precondition.AnyOf(ifMatch.versions(true));
        }
        // Both must hold. A record that matches and is not there at once does not exist: the list becomes empty.
        List<Version> excluded = ifNoneMatch.versions(false);
        boolean none = ifNoneMatch.any;
        return new Precondition.AnyOf(ifMatch.versions(true).stream()
                .filter(v -> !none && !excluded.contains(v))
                .toList());
    }

    /**
     * Why no record can satisfy {@code If-Match}, if that is so: the server gave none of its tags, or they are weak.
     *
     * @return what to tell the client; empty if some version of the record would satisfy it
     */
    public Optional<String> unmatchable() {
        if (ifMatch == null || ifMatch.any || !ifMatch.versions(true).isEmpty()) {
            return Optional.empty();
        }
        boolean weak = !ifMatch.versions(false).isEmpty();
        String first = ifMatch.list.getFirst().toString();
        String shown = first.length() > 80 ? first.substring(0, 80) + "..." : first;
        return Optional.of(
                weak
                        ? "If-Match has weak tags only, such as " + shown + ", and they never match there (RFC 9110"
                                + " section 13.1.1); leave W/ away"
                        : "If-Match has no entity tag of this server, only such as " + shown + ", so that no record can"
                                + " match; take the ETag of a GET or of the last write");
    }

    private Precondition bindTo(Optional<Entry> current) {
        if (current.isEmpty()) {
            if (ifMatch != null) {
                throw Problems.preconditionFailed("If-Match: * needs a record, and there is none")
                        .exception();
            }
            // Without a record there is no date, and the condition is ignored (section 13.1.4).
            return ifNoneMatch == null ? Precondition.NONE : Precondition.ABSENT;
        }
        Version version = current.get().version();
        Instant modified = Instant.ofEpochSecond(version.epochMillis() / 1000);
        if (ifUnmodifiedSince != null && modified.isAfter(ifUnmodifiedSince)) {
            throw Problems.preconditionFailed("the record was modified at " + modified + ", after If-Unmodified-Since")
                    .exception();
        }
        if (ifNoneMatch != null
                && (ifNoneMatch.any || ifNoneMatch.versions(false).contains(version))) {
            throw Problems.preconditionFailed("If-None-Match names the record's present version " + version)
                    .exception();
        }
        return Precondition.at(version);
    }
}
