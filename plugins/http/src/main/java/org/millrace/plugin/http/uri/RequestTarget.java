package org.millrace.plugin.http.uri;

import java.util.Locale;
import org.millrace.plugin.http.problem.Problems;

/**
 * The target of a request line (RFC 9112 section 3.2), taken apart and not decoded.
 *
 * @param path percent-encoded, with its leading slash; {@code *} for the server as a whole
 * @param query percent-encoded, without the question mark; empty if there is none
 */
public record RequestTarget(String path, String query) {
    /**
     * Takes a target apart.
     *
     * @param target origin form, absolute form or asterisk form
     * @return its parts
     * @throws org.millrace.plugin.http.problem.ProblemException 400 if it has none of these forms
     */
    public static RequestTarget parse(String target) {
        String rest = target;
        if (!rest.startsWith("/") && !rest.equals("*")) {
            rest = withoutAuthority(target);
        }
        if (rest.indexOf('#') >= 0) {
            throw Problems.badRequest("the request target holds '#'; write %23").exception();
        }
        int mark = rest.indexOf('?');
        return mark < 0
                ? new RequestTarget(rest, "")
                : new RequestTarget(rest.substring(0, mark), rest.substring(mark + 1));
    }

    private static String withoutAuthority(String target) {
        String lower = target.length() < 8 ? "" : target.substring(0, 8).toLowerCase(Locale.ROOT);
        int authority = lower.startsWith("http://") ? 7 : lower.equals("https://") ? 8 : -1;
        if (authority < 0) {
            throw Problems.badRequest("the request target must start with '/'").exception();
        }
        int end = authority;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        String rest = target.substring(end);
        return rest.startsWith("/") ? rest : "/" + rest;
    }
}
