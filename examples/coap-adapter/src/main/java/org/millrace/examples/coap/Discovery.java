package org.millrace.examples.coap;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Response;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Row;

/**
 * Links to what there is, at {@code /.well-known/core} (RFC 6690): the declared tables, or with {@code href=/table/*} the
 * records of one table. Other filters are ignored, as section 4.1 wants it. Used on the event loop.
 */
final class Discovery {
    private static final List<String> PATH = List.of(".well-known", "core");
    private static final String HREF = "href=/";
    private static final String SYSTEM = "$sys";
    private static final String DECLARED = "tables/";

    private final int maxLinks;
    private final int maxBody;

    Discovery(int maxLinks, int maxBody) {
        this.maxLinks = maxLinks;
        this.maxBody = maxBody;
    }

    static boolean isAsked(OptionSet options) {
        return options.getUriPath().equals(PATH);
    }

    CompletionStage<Response> links(Resources view, OptionSet asked) {
        if (asked.hasAccept() && asked.getAccept() != MediaTypeRegistry.APPLICATION_LINK_FORMAT) {
            throw new ResourceException(ErrorCode.UNSUPPORTED, "links are given as application/link-format only");
        }
        List<String> hrefs = asked.getUriQuery().stream()
                .filter(filter -> filter.startsWith(HREF))
                .toList();
        if (hrefs.isEmpty()) {
            return rows(view, Query.all(SYSTEM), row -> declared(row.path().id()));
        }
        String wanted = hrefs.getFirst().substring(HREF.length());
        int slash = wanted.indexOf('/');
        if (hrefs.size() > 1 || slash <= 0 || !wanted.substring(slash).equals("/*")) {
            throw new ResourceException(
                    ErrorCode.INVALID, "the filter is to be href=/table/*, which gives the records of one table");
        }
        // One more than is given shows that there are more.
        return rows(view, new Query(wanted.substring(0, slash), "", "", maxLinks + 1L), Discovery::record);
    }

    private static String declared(String id) {
        return id.startsWith(DECLARED) ? target(id.substring(DECLARED.length()) + "/") + ";rt=\"millrace.table\"" : "";
    }

    private static String record(Row row) {
        String link = target(row.path().toString()) + ";rt=\"millrace.record\";obs";
        var format = ContentFormats.number(row.content().mediaType());
        return format.isPresent() ? link + ";ct=" + format.getAsInt() : link;
    }

    private static String target(String path) {
        try {
            return "<" + new URI(null, null, "/" + path, null).toASCIIString() + ">";
        } catch (URISyntaxException e) {
            throw new ResourceException(ErrorCode.INTERNAL, "no link can be made to " + path, e);
        }
    }

    /** How a row becomes a link, or nothing. */
    private interface Link {
        String of(Row row);
    }

    private CompletionStage<Response> rows(Resources view, Query query, Link link) {
        CompletableFuture<Response> response = new CompletableFuture<>();
        view.query(query, new Flow.Subscriber<>() {
            private final List<String> links = new ArrayList<>();
            private long bytes;

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                // Of what a row holds only a link is kept, and of those no more than fit.
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Row row) {
                String next = link.of(row);
                bytes += next.length() + 1L;
                if (!next.isEmpty() && links.size() <= maxLinks && bytes <= maxBody) {
                    links.add(next);
                }
            }

            @Override
            public void onError(Throwable failure) {
                response.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                if (links.size() > maxLinks || bytes > maxBody) {
                    response.completeExceptionally(new ResourceException(
                            ErrorCode.TOO_LARGE,
                            "there are more links than coap.max-links (" + maxLinks + ") or coap.max-body allow"));
                    return;
                }
                Response found = new Response(ResponseCode.CONTENT);
                found.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
                found.setPayload(String.join(",", links).getBytes(StandardCharsets.UTF_8));
                response.complete(found);
            }
        });
        return response;
    }
}
