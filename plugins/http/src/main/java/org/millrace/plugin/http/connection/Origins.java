package org.millrace.plugin.http.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.resource.Methods;
import org.millrace.plugin.http.wire.Head;

/**
 * Which web pages may use the server (the Fetch standard's CORS). A page of an origin that is not allowed may neither
 * read answers, which browsers see to, nor write: browsers send simple writes of any page without asking first, and with
 * credentials they have stored, so those are refused here.
 */
final class Origins {
    private static final String SAME_HOST = "same-host";
    private static final String ANY = "*";
    private static final String EXPOSED = "ETag, Location, Link, Last-Modified, Content-Range, Retry-After, Allow";
    private static final String METHODS = "GET, HEAD, PUT, PATCH, DELETE, POST, QUERY";
    private static final String MAX_AGE_SECONDS = "7200";

    private final boolean any;
    private final boolean sameHost;
    private final List<String> named;

    Origins(List<String> allowed) {
        this.any = allowed.contains(ANY);
        this.sameHost = allowed.contains(SAME_HOST);
        this.named = allowed.stream().map(o -> o.toLowerCase(Locale.ROOT)).toList();
    }

    /**
     * Refuses writes of pages that are not allowed.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 403
     */
    void check(String method, HttpHeaders headers) {
        @Nullable String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin != null && Methods.writes(method) && !allows(origin, headers)) {
            throw new Problem(
                            403,
                            "foreign-origin",
                            "The page is of an origin that may not write",
                            "pages of the origin '" + origin
                                    + "' may not write here; http.origins names those that may")
                    .exception();
        }
    }

    private boolean allows(String origin, HttpHeaders headers) {
        if (any || named.contains(origin.toLowerCase(Locale.ROOT))) {
            return true;
        }
        @Nullable String host = headers.get(HttpHeaderNames.HOST);
        int authority = origin.indexOf("://");
        return sameHost
                && host != null
                && authority > 0
                && origin.substring(authority + 3).equalsIgnoreCase(host);
    }

    /** Lets a page read the answer, if it may. */
    void mark(Answer answer, String method, HttpHeaders headers) {
        @Nullable String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin == null || !Head.isFieldValue(origin) || !allows(origin, headers)) {
            return;
        }
        answer.field("Access-Control-Allow-Origin", any ? ANY : origin);
        if (!any) {
            answer.field("Vary", "Origin");
        }
        if (method.equals("OPTIONS") && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD)) {
            answer.field("Access-Control-Allow-Methods", METHODS).field("Access-Control-Max-Age", MAX_AGE_SECONDS);
            @Nullable String wanted = headers.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
            if (wanted != null && Head.isFieldValue(wanted)) {
                answer.field("Access-Control-Allow-Headers", wanted);
            }
        } else {
            answer.field("Access-Control-Expose-Headers", EXPOSED);
        }
    }
}
