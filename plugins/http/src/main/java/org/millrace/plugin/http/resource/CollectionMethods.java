package org.millrace.plugin.http.resource;

import java.util.List;
import java.util.Optional;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.negotiation.Accept;
import org.millrace.plugin.http.negotiation.RequestContent;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.UrlPath;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.WriteOptions;

/** {@code GET}, {@code HEAD} and {@code POST} of a collection. */
final class CollectionMethods {
    private static final List<MediaType> FORMS = List.of(MediaType.JSON, RowFormat.NDJSON_TYPE);

    private final RequestContent content;

    CollectionMethods(RequestContent content) {
        this.content = content;
    }

    void post(String table, Exchange exchange) {
        Content body = content.content(RecordWrites.contentType(exchange), exchange.takeBody());
        var _ = exchange.resources().post(table, body, WriteOptions.DEFAULT).whenComplete((commit, failure) -> {
            if (failure != null) {
                exchange.fail(failure);
            } else {
                exchange.send(
                        new Answer(201).etag(commit.version().toString()).location(UrlPath.encode(commit.path())));
            }
        });
    }

    void list(String table, Exchange exchange) {
        Accept accept = RecordReads.accept(exchange);
        Optional<MediaType> chosen = accept.choose(FORMS);
        if (chosen.isEmpty()) {
            throw Problems.notAcceptable(
                            accept.toString(),
                            FORMS.stream().map(MediaType::name).toList())
                    .withHeaders("Vary", "Accept")
                    .exception();
        }
        RowFormat format = chosen.get().equals(MediaType.JSON) ? RowFormat.ARRAY : RowFormat.NDJSON;
        Answer head = new Answer(200).contentType(format.contentType()).negotiated();
        if (exchange.method().equals("HEAD")) {
            exchange.stream(head).end();
            return;
        }
        String expression = UrlPath.checkedQuery(exchange.requestTarget().query());
        Query query = new Query(table, expression, "", Query.NO_LIMIT);
        exchange.resources().query(query, new CollectionStream(exchange, head, format));
    }
}
