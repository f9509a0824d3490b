package org.millrace.examples.coap;

import io.netty.channel.EventLoop;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.observe.ObserveManager;
import org.eclipse.californium.elements.config.Configuration;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/** All that observe a record, and the number of their notifications. Used on the event loop. */
final class Observers {
    private static final int SEQUENCE_BITS = 0xFF_FFFF;

    private final CoapSettings settings;
    private final EventLoop loop;
    private final int maxBody;
    private final ObserveManager relations;
    private final Set<Observer> open = new HashSet<>();
    private int sequence;
    /** For the metric, which other threads read. */
    private volatile int count;

    Observers(PluginContext context, CoapSettings settings, EventLoop loop, Configuration californium) {
        this.settings = settings;
        this.loop = loop;
        this.maxBody =
                Math.min(settings.maxBody().toIntSaturated(), context.contents().maxSize());
        this.relations = new ObserveManager(californium);
        context.metrics().gauge("observers", "Clients observing a record.", () -> count);
    }

    /**
     * Begins to notify a client of a record. Without room for more observers the client gets the content once, and no
     * Observe option tells it so (RFC 7641 section 4.1).
     *
     * @param view the client's view, which this closes in the end
     * @param read reads the record once
     */
    void observe(Answer answer, Path path, Resources view, Supplier<CompletionStage<Response>> read) {
        cancel(answer.exchange()); // whoever comes again with the same token begins anew
        Observer observer = new Observer(this, answer, path, view, read);
        if (open.size() >= settings.maxObservers()) {
            observer.readOnce();
            return;
        }
        open.add(observer);
        count = open.size();
        observer.start();
    }

    /** What a client has under the token of this exchange ends. */
    void cancel(Exchange exchange) {
        relations.cancelObserveRelation(exchange);
    }

    void establish(Exchange exchange, Observer observer) {
        relations.addObserveRelation(exchange, observer);
        exchange.getRequest().setProtectFromOffload(); // notifications are made by its options
    }

    void ended(Observer observer) {
        open.remove(observer);
        count = open.size();
    }

    /** One row for all observers: a client that begins anew with the same token goes on to higher numbers. */
    int nextNumber() {
        sequence = sequence + 1 & SEQUENCE_BITS;
        return sequence;
    }

    CoapSettings settings() {
        return settings;
    }

    EventLoop loop() {
        return loop;
    }

    int maxBody() {
        return maxBody;
    }

    /** Tells all observers that nothing follows. */
    void close() {
        ResourceException stops = new ResourceException(ErrorCode.UNAVAILABLE, "the server stops");
        List.copyOf(open).forEach(observer -> observer.sayGoodBye(stops));
    }
}
