package org.millrace.plugin.http.connection;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.condition.HttpDate;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.problem.Problems;

/** The translation between HTTP/2's header fields and what the rest of the plugin works with (RFC 9113 section 8). */
final class Http2Head {
    private static final AsciiString VARY = AsciiString.cached("vary");
    private static final AsciiString ACCEPT = AsciiString.cached("Accept, Accept-Encoding");
    private static final AsciiString CACHE_CONTROL = AsciiString.cached("cache-control");
    private static final AsciiString NO_CACHE = AsciiString.cached("no-cache");

    /** What is said between two ends of one connection of HTTP/1.1, and so must not be said here (section 8.2.2). */
    private static final Set<String> OF_HTTP1 =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    private Http2Head() {}

    /** A request's fields without the pseudo fields; the authority becomes {@code Host}. */
    static HttpHeaders fields(Http2Headers from) {
        HttpHeaders fields =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        StringBuilder cookies = null;
        for (Map.Entry<CharSequence, CharSequence> field : from) {
            CharSequence name = field.getKey();
            if (name.length() > 0 && name.charAt(0) == ':') {
                continue;
            }
            if (HttpHeaderNames.COOKIE.contentEquals(name)) {
                // RFC 9113 section 8.2.3: cookies may come in crumbs.
                cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
                cookies.append(field.getValue());
            } else {
                fields.add(name, field.getValue().toString());
            }
        }
        if (cookies != null) {
            fields.add(HttpHeaderNames.COOKIE, cookies.toString());
        }
        @Nullable CharSequence authority = from.authority();
        if (authority != null && !fields.contains(HttpHeaderNames.HOST)) {
            fields.set(HttpHeaderNames.HOST, authority.toString());
        }
        return fields;
    }

    /**
     * What a request's head says of the message itself.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 400, 417
     */
    static RequestHead read(Http2Headers from, HttpHeaders fields, boolean whole) {
        if (fields.getAll(HttpHeaderNames.HOST).size() > 1) {
            throw Problems.badRequest("the request has several Host fields; it needs one")
                    .exception();
        }
        RequestHead.checkHost(fields.get(HttpHeaderNames.HOST));
        @Nullable CharSequence authority = from.authority();
        if (authority != null && !authority.toString().equalsIgnoreCase(fields.get(HttpHeaderNames.HOST))) {
            throw Problems.badRequest("Host and :authority differ (RFC 9113 section 8.3.1)")
                    .exception();
        }
        boolean sized = fields.contains(HttpHeaderNames.CONTENT_LENGTH);
        long length = sized ? RequestHead.contentLength(fields, false) : whole ? 0 : -1;
        return new RequestHead(false, true, length, RequestHead.expects(fields, false));
    }

    /** An answer's fields; the length is not given if negative. */
    static Http2Headers of(Answer answer, String date, long length) {
        Http2Headers head = new DefaultHttp2Headers(false, 16);
        head.status(HttpResponseStatus.valueOf(answer.status()).codeAsText());
        head.set(HttpHeaderNames.DATE, date);
        optional(head, HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        if (answer.etag() != null) {
            head.set(HttpHeaderNames.ETAG, '"' + answer.etag() + '"');
        }
        optional(head, HttpHeaderNames.LOCATION, answer.location());
        if (answer.lastModified() >= 0) {
            head.set(HttpHeaderNames.LAST_MODIFIED, HttpDate.format(answer.lastModified()));
        }
        if (answer.isNegotiated()) {
            head.set(VARY, ACCEPT);
            head.set(CACHE_CONTROL, NO_CACHE);
        }
        List<String> more = answer.fields();
        for (int i = 0; i + 1 < more.size(); i += 2) {
            String name = more.get(i).toLowerCase(Locale.ROOT);
            if (!OF_HTTP1.contains(name)) {
                head.add(name, more.get(i + 1));
            }
        }
        if (length >= 0) {
            head.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(length));
        }
        return head;
    }

    private static void optional(Http2Headers head, AsciiString name, @Nullable String value) {
        if (value != null) {
            head.set(name, value);
        }
    }
}
