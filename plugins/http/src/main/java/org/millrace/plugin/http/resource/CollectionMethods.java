package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.JsonSlices;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.exchange.Intake;
import org.millrace.plugin.http.negotiation.RequestContent;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.UrlPath;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.WriteOptions;

/** The methods of a collection. */
final class CollectionMethods {
    private static final Pattern ALL = Pattern.compile("(^|&)(\\$|%24)all(=|&|$)");

    private final RequestContent content;
    private final BulkWrites bulk;

    CollectionMethods(RequestContent content, BulkWrites bulk) {
        this.content = content;
        this.bulk = bulk;
    }

    void handle(String table, Exchange exchange) {
        switch (exchange.method()) {
            case "POST" -> {
                if (exchange.isBodyStreamed()) {
                    bulk.post(table, exchange);
                } else {
                    post(table, exchange);
                }
            }
            case "PUT" -> {
                refuseConditions(exchange);
                bulk.put(table, exchange);
            }
            case "DELETE" -> {
                refuseConditions(exchange);
                delete(table, exchange);
            }
            case "QUERY" -> list(table, exchange, queryOf(exchange), null);
            default -> list(table, exchange, exchange.requestTarget().query(), null);
        }
    }

    /** Items that can be told apart as they come need not fit into memory together. */
    static Intake intake(String method, @Nullable String coding, MediaType type) {
        boolean lines = type.equals(RowFormat.NDJSON);
        return switch (method) {
            case "PUT" -> lines || type.equals(MediaType.JSON) ? Intake.STREAMED : Intake.WHOLE;
            case "POST" -> {
                if (lines) {
                    yield Intake.STREAMED;
                }
                yield type.equals(MediaType.JSON) && coding == null ? Intake.STREAMED_IF_ARRAY : Intake.WHOLE;
            }
            default -> Intake.WHOLE;
        };
    }

    private void post(String table, Exchange exchange) {
        Content body = content.content(RecordWrites.contentType(exchange), exchange.takeBody());
        if (body.isStructured()) {
            byte[] json = body.as(MediaType.JSON).toByteArray();
            if (JsonSlices.isArray(json)) {
                bulk.post(table, exchange, json);
                return;
            }
        }
        var _ = exchange.resources().post(table, body, WriteOptions.DEFAULT).whenComplete((commit, failure) -> {
            if (failure != null) {
                exchange.fail(failure);
            } else {
                exchange.send(
                        new Answer(201).etag(commit.version().toString()).location(UrlPath.encode(commit.path())));
            }
        });
    }

    private static void delete(String table, Exchange exchange) {
        String query = exchange.requestTarget().query();
        if (query.isEmpty()) {
            throw Problems.badRequest(
                            "DELETE of a collection needs a query that says which records; ?$all=true means every one")
                    .exception();
        }
        boolean all = query.equals("$all=true") || query.equals("%24all=true");
        if (!all && ALL.matcher(query).find()) {
            throw Problems.badRequest("$all stands alone and is true; leave it away where conditions say which records")
                    .exception();
        }
        Page page = Page.of(all ? "" : query);
        if (page.limit() > 0) {
            throw Problems.badRequest("DELETE takes no $limit").exception();
        }
        page.requireRecords("DELETE takes");
        exchange.resources()
                .query(new Query(table, page.expression(), page.after(), Query.NO_LIMIT), new DeleteMatching(exchange));
    }

    /** A condition on the collection as a whole could not be checked, so it must not be passed over. */
    private static void refuseConditions(Exchange exchange) {
        if (exchange.headers().contains(HttpHeaderNames.IF_MATCH)
                || exchange.headers().contains(HttpHeaderNames.IF_NONE_MATCH)
                || exchange.headers().contains(HttpHeaderNames.IF_UNMODIFIED_SINCE)) {
            throw Problems.badRequest("a collection has no entity tag to compare; POST /$transactions takes a condition"
                            + " for each record")
                    .exception();
        }
    }

    /** The query that came as the body. */
    private static String queryOf(Exchange exchange) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(exchange.takeBody()))
                    .toString()
                    .strip();
        } catch (CharacterCodingException e) {
            throw Problems.badRequest("the query in the body is no UTF-8").exception();
        }
    }

    /** Gives a collection; in a format that the path has named, if any. */
    static void list(String table, Exchange exchange, String asked, @Nullable MediaType forced) {
        Optional<MediaType> chosen =
                forced == null ? RecordReads.accept(exchange).choose(RowFormat.TYPES) : Optional.of(forced);
        if (chosen.isEmpty()) {
            throw Problems.notAcceptable(
                            RecordReads.accept(exchange).toString(),
                            RowFormat.TYPES.stream().map(MediaType::name).toList())
                    .withHeaders("Vary", "Accept")
                    .exception();
        }
        RowFormat format = RowFormat.of(chosen.get(), asked);
        Answer head = new Answer(200).contentType(format.contentType()).negotiated();
        if (exchange.method().equals("HEAD")) {
            exchange.stream(head).end();
            return;
        }
        Page page = Page.of(asked);
        if (page.limit() > 0) {
            exchange.resources()
                    .query(
                            new Query(table, page.expression(), page.after(), page.limit() + 2L),
                            new PageCollector(exchange, head, format, page));
        } else {
            exchange.resources()
                    .query(
                            new Query(table, page.expression(), page.after(), Query.NO_LIMIT),
                            new CollectionStream(exchange, head, format));
        }
    }
}
