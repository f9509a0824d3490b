package org.millrace.plugin.sse;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpRoute;

/** Takes the requests for event streams, and knows the streams that are open. Safe for use by any thread. */
final class SseRoute implements HttpRoute {
    private final PluginContext context;
    private final SseConfig config;
    private final Metrics.Counter events;
    private final Set<SseStream> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    SseRoute(PluginContext context, SseConfig config) {
        this.context = context;
        this.config = config;
        this.events = context.metrics().counter("events", "Events written to streams");
    }

    @Override
    public boolean mayAccept(String method, String accept) {
        return isRead(method) && accept.toLowerCase(Locale.ROOT).contains("event-stream");
    }

    @Override
    public boolean accepts(HttpRequest request) {
        return isRead(request.method())
                && request.headers().containsKey("accept")
                && EventStreamAccept.prefers(request.headers().get("accept"));
    }

    private static boolean isRead(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }

    @Override
    public void handle(HttpRequest request, Exchange exchange) {
        if (closed) {
            exchange.fail(new ResourceException(ErrorCode.UNAVAILABLE, "event streams are being stopped"));
            return;
        }
        StreamRequest asked = StreamRequest.read(
                request, config.maxFilters(), context.contents().formats());
        SseStream stream = new SseStream(this, asked, exchange);
        streams.add(stream);
        stream.open(context.resources(request.identity(), request.via().withProtocol("sse"), exchange.eventLoop()));
        if (closed || request.method().equals("HEAD")) {
            stream.end();
        }
    }

    /** Ends all streams. */
    void close() {
        closed = true;
        streams.forEach(SseStream::end);
    }

    int streams() {
        return streams.size();
    }

    void ended(SseStream stream) {
        streams.remove(stream);
    }

    SseConfig config() {
        return config;
    }

    Metrics.Counter events() {
        return events;
    }

    System.Logger log() {
        return context.log();
    }
}
