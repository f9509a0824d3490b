package org.millrace.plugin.http.uri;

import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/** What a URL's path names. */
public sealed interface Target {
    /** {@code /}: the host itself. */
    record Index() implements Target {}

    /** {@code *}: the server as a whole, in {@code OPTIONS}. */
    record Server() implements Target {}

    /**
     * {@code /table/}: all records of a table.
     *
     * @param table its name, decoded; empty for {@code //}
     */
    record Collection(String table) implements Target {}

    /**
     * Anything else: one record, there or not.
     *
     * @param path its path
     */
    record Record(Path path) implements Target {}

    /** {@code /}. */
    Target INDEX = new Index();

    /** {@code *}. */
    Target SERVER = new Server();

    /**
     * Finds out what a path names. The leading slash is taken away and the rest decoded. It is a collection if it ends
     * in a slash, written as such, that is its only one; otherwise it is a record.
     *
     * @param path as it was sent, with its leading slash, without the query
     * @return what it names
     * @throws org.millrace.plugin.http.problem.ProblemException 400 for illegal escapes, bytes that are no UTF-8, dot
     *     segments and paths the SPI refuses; 414 for a path that is too long
     */
    static Target of(String path) {
        if (path.equals("/")) {
            return INDEX;
        }
        if (path.equals("*")) {
            return SERVER;
        }
        String text = UrlPath.decode(path);
        int last = text.length() - 1;
        try {
            if (path.endsWith("/") && text.indexOf('/') == last) {
                // A table's name obeys the rules of a path; this refuses '+', '#' and U+0000.
                return new Collection(Path.of(text).table());
            }
            return new Record(Path.of(text));
        } catch (ResourceException e) {
            if (e.code() == ErrorCode.TOO_LARGE) {
                throw new Problem(414, "uri-too-long", "The URI is too long", String.valueOf(e.getMessage()))
                        .exception();
            }
            throw Problems.badRequest(String.valueOf(e.getMessage())).exception();
        }
    }
}
