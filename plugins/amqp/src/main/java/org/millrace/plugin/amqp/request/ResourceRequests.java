package org.millrace.plugin.amqp.request;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.engine.Delivery;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.link.TargetLink;
import org.millrace.plugin.amqp.mapping.Address;
import org.millrace.plugin.amqp.mapping.IncomingMessage;
import org.millrace.plugin.amqp.mapping.MessageMapping;
import org.millrace.plugin.amqp.mapping.Operation;
import org.millrace.plugin.amqp.mapping.ReplyProperties;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;

/**
 * Acts on requests and sends the answers where they are wanted. A request's {@code subject} is the act ({@code get put
 * patch delete post publish query}), its {@code to} the path, for a query with the expression behind a question mark; its
 * {@code reply-to} is the answer's address, its {@code correlation-id}, or else its {@code message-id}, the answer's. Used
 * by the connection's event loop.
 */
public final class ResourceRequests implements TargetLink.Sink {
    /** The address of requests. */
    public static final String ADDRESS = "$resources";

    private final LinkHost host;
    private final Contents contents;

    /**
     * Serves one connection.
     *
     * @param host the connection
     * @param contents makes the answers' contents
     */
    public ResourceRequests(LinkHost host, Contents contents) {
        this.host = host;
        this.contents = contents;
    }

    /** What is answered. */
    private record Answer(int status, String description, Content content, String version) {}

    @Override
    public CompletionStage<?> accept(IncomingMessage message, Delivery delivery) {
        var properties = message.properties();
        String replyTo = properties == null ? null : properties.getReplyTo();
        if (properties == null || replyTo == null) {
            throw new ResourceException(
                    ErrorCode.INVALID, "a request to $resources needs a reply-to, where its answer goes");
        }
        Path to = Address.parse(replyTo).path();
        CompletionStage<Answer> answer;
        try {
            answer = act(message, properties.getSubject(), properties.getTo());
        } catch (ResourceException e) {
            answer = CompletableFuture.failedStage(e);
        }
        return answer.exceptionally(this::failed).thenCompose(given -> reply(message, to, given));
    }

    private CompletionStage<?> reply(IncomingMessage request, Path to, Answer answer) {
        WriteOptions options = WriteOptions.DEFAULT
                .withDurability(Durability.OS)
                .withProperties(ReplyProperties.of(
                        request,
                        to,
                        answer.content().mediaType(),
                        answer.status(),
                        answer.description(),
                        answer.version()));
        return host.resources().publish(to, answer.content(), options);
    }

    private CompletionStage<Answer> act(IncomingMessage message, @Nullable String subject, @Nullable String to) {
        if (subject == null || to == null || to.isEmpty()) {
            throw new ResourceException(
                    ErrorCode.INVALID, "a request needs an act as its subject, such as get, and a path as its 'to'");
        }
        String act = subject.toLowerCase(Locale.ROOT);
        if (act.equals("query")) {
            return query(to);
        }
        Address address = Address.parse(to);
        if (act.equals("get")) {
            Path path = address.path();
            return host.resources().get(path).thenApply(found -> found(path, found));
        }
        MessageMapping.Asked asked =
                host.mapping().map(message, Operation.named(act, "get, query, "), Durability.TABLE, false);
        CompletionStage<Commit> committed = switch (asked.operation()) {
            case PUT -> host.resources().put(address.path(), asked.content(), asked.options());
            case PATCH -> host.resources().patch(address.path(), asked.content(), asked.options());
            case DELETE -> host.resources().delete(address.path(), asked.options());
            case PUBLISH -> host.resources().publish(address.path(), asked.content(), asked.options());
            case POST -> {
                if (!address.isCollection()) {
                    throw new ResourceException(ErrorCode.INVALID, "post to a collection, such as 'sensors/'");
                }
                yield host.resources().post(address.table(), asked.content(), asked.options());
            }
        };
        return committed.thenApply(this::done);
    }

    private Answer found(Path path, Optional<Entry> entry) {
        if (entry.isEmpty()) {
            throw new ResourceException(ErrorCode.NOT_FOUND, "there is no record '" + path + "'");
        }
        return new Answer(
                200, "OK", entry.get().content(), entry.get().version().toString());
    }

    private Answer done(Commit commit) {
        int status = commit.effect() == Effect.CREATED ? 201 : commit.effect() == Effect.UNCHANGED ? 404 : 200;
        return new Answer(
                status,
                commit.effect().name().toLowerCase(Locale.ROOT),
                contents.of(MediaType.TEXT, commit.path().utf8()),
                commit.version().toString());
    }

    private CompletionStage<Answer> query(String to) {
        int mark = to.indexOf('?');
        Address address = Address.parse(mark < 0 ? to : to.substring(0, mark));
        if (!address.isCollection()) {
            throw new ResourceException(ErrorCode.INVALID, "a query is to a collection, such as 'sensors/?temp=gt=20'");
        }
        QueryRows rows = new QueryRows(contents.maxSize());
        host.resources()
                .query(new Query(address.table(), mark < 0 ? "" : to.substring(mark + 1), "", Query.NO_LIMIT), rows);
        return rows.result().thenApply(json -> new Answer(200, "OK", contents.of(MediaType.JSON, json), ""));
    }

    private Answer failed(Throwable failure) {
        ResourceException reason = ResourceException.from(failure);
        String text = String.valueOf(reason.getMessage());
        return new Answer(
                status(reason.code()), text, contents.of(MediaType.TEXT, text.getBytes(StandardCharsets.UTF_8)), "");
    }

    private static int status(ErrorCode code) {
        return switch (code) {
            case INVALID -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case EXPIRED_CURSOR -> 410;
            case PRECONDITION_FAILED -> 412;
            case TOO_LARGE -> 413;
            case UNSUPPORTED -> 415;
            case BUSY -> 429;
            case INTERNAL -> 500;
            case UNAVAILABLE -> 503;
            case QUOTA_EXCEEDED -> 507;
        };
    }
}
