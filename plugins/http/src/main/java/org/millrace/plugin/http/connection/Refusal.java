package org.millrace.plugin.http.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The answer that says what was wrong, as {@code application/problem+json} (RFC 9457). */
final class Refusal {
    private Refusal() {}

    /** A client that did not say who it is learns that saying so may help, rather than that it may not. */
    static Problem explain(Problem problem, boolean anonymous) {
        if (anonymous && problem.code().equals(ErrorCode.FORBIDDEN.id())) {
            return Problems.of(
                    new ResourceException(ErrorCode.UNAUTHENTICATED, problem.detail() + "; no credentials were shown"));
        }
        return problem;
    }

    /**
     * Makes it.
     *
     * @param problem what was wrong
     * @param instance the path that was asked for; empty if it is not known
     * @param realm the name of the protection space
     * @param request the request's fields
     */
    static Answer of(Problem problem, String instance, String realm, HttpHeaders request) {
        byte[] json = problem.json(instance).getBytes(StandardCharsets.UTF_8);
        Answer refusal = new Answer(problem.status()).body("application/problem+json", ByteBuffer.wrap(json));
        for (int i = 0; i + 1 < problem.headers().size(); i += 2) {
            refusal.field(problem.headers().get(i), problem.headers().get(i + 1));
        }
        if (problem.status() == 401) {
            challenge(refusal, realm, request);
        }
        return refusal;
    }

    /** Says how to show credentials (RFC 9110 section 11.6.1), and that a token was no good (RFC 6750 section 3). */
    private static void challenge(Answer refusal, String realm, HttpHeaders request) {
        String space = "realm=\"" + realm + "\"";
        @Nullable String shown = request.get(HttpHeaderNames.AUTHORIZATION);
        boolean token = shown != null && shown.regionMatches(true, 0, "Bearer ", 0, "Bearer ".length());
        refusal.field("WWW-Authenticate", "Basic " + space + ", charset=\"UTF-8\"")
                .field("WWW-Authenticate", "Bearer " + space + (token ? ", error=\"invalid_token\"" : ""));
    }
}
