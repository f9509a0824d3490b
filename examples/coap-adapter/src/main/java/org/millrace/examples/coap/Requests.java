package org.millrace.examples.coap;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.server.MessageDeliverer;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.WriteOptions;

/** Turns requests into acts on records and their outcomes into responses. Used on the event loop. */
final class Requests implements MessageDeliverer {
    private final PluginContext context;
    private final CoapSettings settings;
    private final EventLoop loop;
    private final Executor onLoop;
    private final Observers observers;
    private final int maxBody;
    private final Discovery discovery;
    private int pending;

    Requests(PluginContext context, CoapSettings settings, EventLoop loop, Observers observers) {
        this.context = context;
        this.settings = settings;
        this.loop = loop;
        this.observers = observers;
        this.onLoop = task -> {
            if (loop.inEventLoop()) {
                task.run();
            } else {
                loop.execute(task);
            }
        };
        this.maxBody =
                Math.min(settings.maxBody().toIntSaturated(), context.contents().maxSize());
        this.discovery = new Discovery(settings.maxLinks(), maxBody);
    }

    @Override
    public void deliverRequest(Exchange exchange) {
        pending++;
        Answer answer = new Answer(exchange, loop, context.log(), () -> pending--);
        if (pending > settings.maxPending()) {
            answer.send(null, new ResourceException(ErrorCode.BUSY, "too many requests wait; come again"));
            return;
        }
        InetSocketAddress peer = exchange.getRequest().getSourceContext().getPeerAddress();
        ConnectionInfo via = new ConnectionInfo("coap", text(peer), false, "");
        // There is no place for credentials in a CoAP message: without DTLS everybody is anonymous.
        context.authenticator()
                .authenticate(Credentials.NONE, via)
                .whenCompleteAsync((identity, failure) -> authenticated(answer, identity, via, failure), onLoop);
    }

    private void authenticated(Answer answer, Identity identity, ConnectionInfo via, Throwable failure) {
        if (failure != null) {
            answer.send(null, failure);
            return;
        }
        Resources view = context.resources(identity, via, loop);
        try {
            Request request = answer.request();
            if (request.getCode() == Code.GET && request.isObserve() && !Discovery.isAsked(request.getOptions())) {
                check(request.getOptions());
                observers.observe(answer, path(request.getOptions()), view, () -> read(view, request));
                return;
            }
            if (request.isObserveCancel()) {
                observers.cancel(answer.exchange());
            }
            act(view, request)
                    .whenCompleteAsync(
                            (response, refusal) -> {
                                view.close();
                                answer.send(response, refusal);
                            },
                            onLoop);
        } catch (RuntimeException e) {
            view.close();
            answer.send(null, e);
        }
    }

    private CompletionStage<Response> act(Resources view, Request request) {
        OptionSet options = request.getOptions();
        if (options.hasProxyUri() || options.hasProxyScheme()) {
            return CompletableFuture.completedStage(new Response(ResponseCode.PROXY_NOT_SUPPORTED));
        }
        if (request.getCode() == Code.GET && Discovery.isAsked(options)) {
            return discovery.links(view, options);
        }
        check(options);
        return switch (request.getCode()) {
            case GET -> read(view, request);
            case PUT -> put(view, request);
            case POST -> post(view, request);
            case DELETE -> delete(view, request);
            case PATCH, IPATCH -> patch(view, request);
            case FETCH, CUSTOM_30 -> CompletableFuture.completedStage(new Response(ResponseCode.METHOD_NOT_ALLOWED));
        };
    }

    private static void check(OptionSet options) {
        if (options.getURIQueryCount() > 0) {
            throw new ResourceException(
                    ErrorCode.INVALID, "this server takes no queries: it gives single records, as they are");
        }
    }

    private CompletionStage<Response> read(Resources view, Request request) {
        OptionSet asked = request.getOptions();
        Path path = path(asked);
        return view.get(path).thenApply(found -> {
            if (found.isEmpty()) {
                throw new ResourceException(ErrorCode.NOT_FOUND, "there is no record " + path);
            }
            Response response =
                    Responses.content(asked, found.get().content(), found.get().version(), maxBody);
            Responses.setMaxAge(response, settings.maxAge());
            return response;
        });
    }

    private CompletionStage<Response> put(Resources view, Request request) {
        Path path = path(request.getOptions());
        Content content = content(request);
        return options(view, path, request.getOptions())
                .thenCompose(options -> view.put(path, content, options))
                .thenApply(Requests::written);
    }

    private CompletionStage<Response> patch(Resources view, Request request) {
        Path path = path(request.getOptions());
        Content patch = content(request);
        return options(view, path, request.getOptions())
                .thenCompose(options -> view.patch(path, patch, options))
                .thenApply(Requests::written);
    }

    /** Behind {@code table/} a record with a new id, elsewhere a message, as over HTTP. */
    private CompletionStage<Response> post(Resources view, Request request) {
        List<String> segments = request.getOptions().getUriPath();
        Path path = path(request.getOptions());
        Content content = content(request);
        if (segments.size() == 2 && segments.get(1).isEmpty()) {
            return view.post(segments.get(0), content, WriteOptions.DEFAULT).thenApply(commit -> {
                Response created = written(commit);
                for (String segment : commit.path().toString().split("/", -1)) {
                    created.getOptions().addLocationPath(segment);
                }
                return created;
            });
        }
        return options(view, path, request.getOptions())
                .thenCompose(options -> view.publish(path, content, options))
                .thenApply(published -> new Response(ResponseCode.CHANGED));
    }

    /** What is not there is gone as well (RFC 7252 section 5.8.4). */
    private CompletionStage<Response> delete(Resources view, Request request) {
        Path path = path(request.getOptions());
        return options(view, path, request.getOptions())
                .thenCompose(options -> view.delete(path, options))
                .thenApply(gone -> new Response(ResponseCode.DELETED));
    }

    private static Response written(Commit commit) {
        ResponseCode code = commit.effect() == Effect.CREATED ? ResponseCode.CREATED : ResponseCode.CHANGED;
        return Responses.written(code, commit.version());
    }

    private Content content(Request request) {
        byte[] bytes = request.getPayload();
        if (bytes.length > maxBody) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE, bytes.length + " bytes are more than the " + maxBody + " of coap.max-body");
        }
        OptionSet options = request.getOptions();
        return options.hasContentFormat()
                ? context.contents().of(ContentFormats.type(options.getContentFormat()), bytes)
                : context.contents().detect(bytes);
    }

    /**
     * The preconditions of RFC 7252 section 5.10.8. An entity tag is too short to hold a version: the record is read, and
     * if it has the tag, the write is bound to the version it was read at.
     */
    private static CompletionStage<WriteOptions> options(Resources view, Path path, OptionSet options) {
        if (options.hasIfNoneMatch()) {
            if (options.getIfMatchCount() > 0) {
                throw new ResourceException(ErrorCode.INVALID, "If-Match and If-None-Match cannot both hold");
            }
            return CompletableFuture.completedStage(WriteOptions.DEFAULT.withPrecondition(Precondition.ABSENT));
        }
        if (options.getIfMatchCount() == 0) {
            return CompletableFuture.completedStage(WriteOptions.DEFAULT);
        }
        if (options.getIfMatch().stream().anyMatch(tag -> tag.length == 0)) {
            return CompletableFuture.completedStage(WriteOptions.DEFAULT.withPrecondition(Precondition.PRESENT));
        }
        return view.get(path).thenApply(found -> {
            Optional<Precondition> same = found.filter(record -> options.isIfMatch(Responses.tag(record.version())))
                    .map(record -> Precondition.at(record.version()));
            return WriteOptions.DEFAULT.withPrecondition(same.orElseThrow(() -> new ResourceException(
                    ErrorCode.PRECONDITION_FAILED, "record " + path + " has none of the entity tags of If-Match")));
        });
    }

    private static Path path(OptionSet options) {
        List<String> segments = options.getUriPath();
        for (String segment : segments) {
            if (segment.indexOf('/') >= 0) {
                throw new ResourceException(
                        ErrorCode.INVALID,
                        "segment '" + segment + "' of the path holds '/', which parts segments here");
            }
        }
        return Path.of(String.join("/", segments));
    }

    private static String text(InetSocketAddress peer) {
        String host = peer.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + peer.getPort();
    }

    @Override
    public void deliverResponse(Exchange exchange, Response response) {
        // This server asks nobody anything.
    }
}
