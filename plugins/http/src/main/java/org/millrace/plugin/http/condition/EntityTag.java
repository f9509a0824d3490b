package org.millrace.plugin.http.condition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

/**
 * An entity tag (RFC 9110 section 8.8.3). A record's tag is its version. Where the record is given in another format
 * than it is stored in, the format's name follows behind a dot, because a strong tag stands for exact bytes.
 *
 * @param weak whether it is marked {@code W/}
 * @param value what stands between the quotes
 */
public record EntityTag(boolean weak, String value) {
    /**
     * The tag of a representation.
     *
     * @param version the record's version
     * @param stored the type the record is stored in
     * @param given the type it is given in
     * @return what stands between the quotes
     */
    public static String value(Version version, MediaType stored, MediaType given) {
        if (stored.equals(given)) {
            return version.toString();
        }
        return version + "." + given.name().substring(given.name().indexOf('/') + 1);
    }

    /**
     * Reads a list of tags.
     *
     * @param field the header field's name, for the message
     * @param text its value, other than an asterisk
     * @return the tags
     * @throws ProblemException 400 if it is no list of tags
     */
    public static List<EntityTag> parseList(String field, String text) {
        List<EntityTag> tags = new ArrayList<>(2);
        int at = 0;
        while (true) {
            at = skip(text, at, " \t,");
            if (at == text.length()) {
                if (tags.isEmpty()) {
                    throw malformed(field, text);
                }
                return tags;
            }
            boolean weak = text.startsWith("W/", at);
            int open = weak ? at + 2 : at;
            int close = open < text.length() && text.charAt(open) == '"' ? text.indexOf('"', open + 1) : -1;
            if (close < 0) {
                throw malformed(field, text);
            }
            tags.add(new EntityTag(weak, text.substring(open + 1, close)));
            at = skip(text, close + 1, " \t");
            if (at < text.length() && text.charAt(at) != ',') {
                throw malformed(field, text);
            }
        }
    }

    private static int skip(String text, int from, String characters) {
        int at = from;
        while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    private static ProblemException malformed(String field, String text) {
        return Problems.badRequest(field + " '" + text + "' is neither * nor a list of quoted entity tags")
                .exception();
    }

    /**
     * What stands between the quotes, less the content coding that a compressed form is marked with.
     *
     * @return the tag of the same form, not compressed
     */
    public String withoutCoding() {
        if (value.endsWith(".gzip")) {
            return value.substring(0, value.length() - ".gzip".length());
        }
        return value.endsWith(".deflate") ? value.substring(0, value.length() - ".deflate".length()) : value;
    }

    /**
     * The version this tag stands for, whatever the format.
     *
     * @return empty if it is no tag of this server
     */
    public Optional<Version> version() {
        int dot = value.indexOf('.');
        try {
            return Optional.of(Version.parse(dot < 0 ? value : value.substring(0, dot)));
        } catch (ResourceException e) {
            return Optional.empty();
        }
    }

    /** The tag as it stands in a header field. */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + value + '"';
    }
}
