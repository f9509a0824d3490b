package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.negotiation.RequestContent;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.Target;

/** Hands a request to what answers it. One for the whole server; called on every event loop. */
public final class Dispatcher {
    private static final byte[] INDEX = """
        {"name":"Millrace","links":{"health":"/$sys/health","system":"/$sys/"},\
        "usage":"PUT, GET, PATCH and DELETE /table/id; GET and POST /table/"}
        """.getBytes(StandardCharsets.UTF_8);

    private final RequestContent content;
    private final RecordReads reads = new RecordReads();
    private final RecordWrites writes;
    private final CollectionMethods collections;

    /**
     * Makes the dispatcher.
     *
     * @param content turns bodies into content
     */
    public Dispatcher(RequestContent content) {
        this.content = content;
        this.writes = new RecordWrites(content);
        this.collections = new CollectionMethods(content);
    }

    /**
     * Refuses what can be refused by the head alone, before the body is read.
     *
     * @param method the method
     * @param target what is asked for
     * @param headers the header fields
     * @throws org.millrace.plugin.http.problem.ProblemException 405, 415, 501
     */
    public void check(String method, Target target, HttpHeaders headers) {
        Methods.check(method, target);
        if (!Methods.takesBody(method)) {
            return;
        }
        @Nullable String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            throw Problems.unsupportedMediaType("content coding '" + coding + "' is not taken; send the body as it is")
                    .withHeaders("Accept-Encoding", "identity")
                    .exception();
        }
        if (headers.contains(HttpHeaderNames.CONTENT_RANGE)) {
            // RFC 9110 section 14.5: a server that does not write parts must not take one for the whole.
            throw Problems.badRequest("Content-Range: parts of a record cannot be written; send the whole or PATCH")
                    .exception();
        }
        content.check(headers.get(HttpHeaderNames.CONTENT_TYPE));
    }

    /**
     * Answers a request.
     *
     * @param target what is asked for
     * @param exchange the request, which {@link #check} has let pass
     */
    public void handle(Target target, Exchange exchange) {
        if (exchange.method().equals("OPTIONS")) {
            options(target, exchange);
            return;
        }
        switch (target) {
            case Target.Record(var path) -> {
                switch (exchange.method()) {
                    case "PUT" -> writes.put(path, exchange);
                    case "PATCH" -> writes.patch(path, exchange);
                    case "DELETE" -> writes.delete(path, exchange);
                    case "POST" -> writes.publish(path, exchange);
                    default -> reads.get(path, exchange);
                }
            }
            case Target.Collection(var table) -> {
                if (exchange.method().equals("POST")) {
                    collections.post(table, exchange);
                } else {
                    collections.list(table, exchange);
                }
            }
            case Target.Index _, Target.Server _ ->
                exchange.send(new Answer(200).body("application/json", ByteBuffer.wrap(INDEX)));
        }
    }

    private static void options(Target target, Exchange exchange) {
        Answer answer = new Answer(204).field("Allow", Methods.allow(target));
        if (target instanceof Target.Record) {
            answer.field("Accept-Patch", RequestContent.ACCEPT_PATCH);
        }
        exchange.send(answer);
    }
}
