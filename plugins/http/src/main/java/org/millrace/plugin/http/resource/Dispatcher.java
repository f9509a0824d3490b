package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.Items;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.exchange.Intake;
import org.millrace.plugin.http.negotiation.RequestContent;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.Target;
import org.millrace.spi.content.Contents;

/** Hands a request to what answers it. One for the whole server; called on every event loop. */
public final class Dispatcher {
    private static final byte[] INDEX = """
        {"name":"Millrace","links":{"health":"/$sys/health","system":"/$sys/","openapi":"/$sys/openapi.json"},\
        "usage":"PUT, GET, PATCH and DELETE /table/id; GET and POST /table/"}
        """.getBytes(StandardCharsets.UTF_8);

    private static final Set<String> CODINGS = Set.of("gzip", "x-gzip", "deflate", "identity");

    private final RequestContent content;
    private final Contents contents;
    private final int maxBulk;
    private final BulkWrites bulk;
    private final RecordReads reads = new RecordReads();
    private final RecordWrites writes;
    private final CollectionMethods collections;
    private final StaticFiles files;

    /**
     * Makes the dispatcher.
     *
     * @param content turns bodies into content
     * @param contents the host's factory
     * @param maxBulk the largest body that holds several records and is collected
     * @param maxItems how many a transaction may hold, and how many results are listed
     * @param files the directory that is served below {@code /$console/}; empty for none
     * @param readers where files are read
     */
    public Dispatcher(
            RequestContent content, Contents contents, int maxBulk, int maxItems, String files, Executor readers) {
        this.content = content;
        this.contents = contents;
        this.maxBulk = maxBulk;
        this.writes = new RecordWrites(content);
        this.bulk = new BulkWrites(new Items(contents), maxItems, contents.maxSize());
        this.collections = new CollectionMethods(content, bulk);
        this.files = new StaticFiles(files, readers);
    }

    /**
     * The largest body.
     *
     * @param target what is asked for; null for the server itself
     * @return in bytes
     */
    public int bodyLimit(@Nullable Target target) {
        boolean several = target instanceof Target.Collection || isTransactions(target);
        return several ? Math.max(maxBulk, contents.maxSize()) : contents.maxSize();
    }

    /**
     * How a body is taken.
     *
     * @param method the method
     * @param target what is asked for; null for the server itself
     * @param headers the header fields
     * @return whether the request is answered while its body comes
     */
    public Intake intake(String method, @Nullable Target target, HttpHeaders headers) {
        return target instanceof Target.Collection && Methods.takesBody(method)
                ? CollectionMethods.intake(
                        method,
                        headers.get(HttpHeaderNames.CONTENT_ENCODING),
                        content.typeOfItems(method, headers.get(HttpHeaderNames.CONTENT_TYPE)))
                : Intake.WHOLE;
    }

    private static boolean isTransactions(@Nullable Target target) {
        return target instanceof Target.Record(var path) && BulkWrites.isTransactions(path);
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
        if (coding != null && headers.getAll(HttpHeaderNames.CONTENT_ENCODING).size() > 1) {
            coding = String.join(", ", headers.getAll(HttpHeaderNames.CONTENT_ENCODING));
        }
        if (coding != null && !CODINGS.contains(coding.toLowerCase(Locale.ROOT))) {
            throw Problems.unsupportedMediaType("content coding '" + coding
                            + "' is not taken; send gzip, deflate, or the" + " body as it is")
                    .withHeaders("Accept-Encoding", "gzip, deflate, identity")
                    .exception();
        }
        if (headers.contains(HttpHeaderNames.CONTENT_RANGE)) {
            // RFC 9110 section 14.5: a server that does not write parts must not take one for the whole.
            throw Problems.badRequest("Content-Range: parts of a record cannot be written; send the whole or PATCH")
                    .exception();
        }
        @Nullable String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        if (type != null && headers.getAll(HttpHeaderNames.CONTENT_TYPE).size() > 1) {
            // RFC 9110 section 5.3: a field that is no list comes once; which of two is meant cannot be known.
            throw Problems.badRequest("the request has several Content-Type fields; it needs one")
                    .exception();
        }
        content.check(type);
        if (method.equals("QUERY")) {
            content.checkQuery(type);
        }
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
                    case "POST" -> {
                        if (isTransactions(target)) {
                            bulk.transact(exchange);
                        } else {
                            writes.publish(path, exchange);
                        }
                    }
                    default -> {
                        if (OpenApi.PATH.equals(path.toString())) {
                            OpenApi.answer(exchange);
                        } else if (files.isOn() && path.table().equals(StaticFiles.TABLE)) {
                            files.get(path.id(), exchange);
                        } else {
                            reads.get(path, exchange);
                        }
                    }
                }
            }
            case Target.Collection(var table) -> {
                boolean reads =
                        exchange.method().equals("GET") || exchange.method().equals("HEAD");
                if (files.isOn() && table.equals(StaticFiles.TABLE) && reads) {
                    files.get("", exchange);
                } else {
                    collections.handle(table, exchange);
                }
            }
            case Target.Index _, Target.Server _ ->
                exchange.send(new Answer(200).body("application/json", ByteBuffer.wrap(INDEX)));
        }
    }

    private static void options(Target target, Exchange exchange) {
        Answer answer = new Answer(204).field("Allow", Methods.allow(target));
        if (target instanceof Target.Record) {
            answer.field("Accept-Patch", RequestContent.ACCEPT_PATCH).field("Accept-Ranges", "bytes");
        }
        if (target instanceof Target.Collection) {
            answer.field("Accept-Query", RequestContent.ACCEPT_QUERY);
        }
        exchange.send(answer);
    }
}
