package org.millrace.plugin.websocket;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.websocket.envelope.Envelope;
import org.millrace.plugin.websocket.envelope.FieldWriter;
import org.millrace.plugin.websocket.envelope.Fields;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;

/** Does what the messages of one connection ask for. Used on the event loop. */
final class Requests {
    private static final Fields EMPTY = new Fields(0, new byte[0]);

    private final MultiplexedSession session;
    private final WireFormat format;
    private final PluginContext context;
    private final WriteReader writes;

    Requests(MultiplexedSession session, WireFormat format, PluginContext context) {
        this.session = session;
        this.format = format;
        this.context = context;
        this.writes = new WriteReader(format, context.contents(), context.clock());
    }

    /**
     * Serves one message.
     *
     * @throws ResourceException if it is refused at once
     */
    void serve(Op op, @Nullable Object id, Envelope message) {
        switch (op) {
            case GET -> get(id, message);
            case PUT, PATCH, DELETE, PUBLISH ->
                session.answerWritten(session.view().write(writes.write(op, message)), id, session::commit);
            case POST ->
                session.answerWritten(
                        session.view()
                                .post(message.needText("table"), writes.content(message), writes.options(message)),
                        id,
                        session::commit);
            case TRANSACT -> session.answerWritten(session.view().transact(writes.writes(message)), id, this::commits);
            case QUERY -> query(named(id), message);
            case SUBSCRIBE -> subscribe(named(id), message);
            case UNSUBSCRIBE -> {
                Object sub = sub(message);
                session.stream(sub).close();
                session.ended(sub);
                session.answer(id, EMPTY);
            }
            case REQUEST -> {
                long n = message.positive("n").orElseThrow(() -> invalid("field 'n' is missing"));
                session.stream(sub(message)).request(n);
                session.answer(id, EMPTY);
            }
            case AUTHENTICATE -> authenticate(id, message);
            case PING -> session.answer(id, EMPTY);
        }
    }

    private static Object named(@Nullable Object id) {
        if (id == null) {
            throw invalid("field 'id' is missing; what comes of it is told by its id");
        }
        return id;
    }

    private static Object sub(Envelope message) {
        return message.id("sub").orElseThrow(() -> invalid("field 'sub' is missing"));
    }

    private static ResourceException invalid(String detail) {
        return new ResourceException(ErrorCode.INVALID, detail);
    }

    private Fields commits(List<Commit> commits) {
        List<Fields> list = new ArrayList<>(commits.size());
        for (Commit commit : commits) {
            list.add(session.commit(commit));
        }
        return new FieldWriter(format).maps("commits", list).done();
    }

    private void get(@Nullable Object id, Envelope message) {
        Path path = Path.of(message.needText("path"));
        session.afterWrites(id, () -> get(id, path));
    }

    private void get(@Nullable Object id, Path path) {
        session.whenDone(session.view().get(path), (found, failure) -> {
            if (failure != null) {
                session.refuse(id, failure);
            } else if (found.isEmpty()) {
                session.refuse(id, new ResourceException(ErrorCode.NOT_FOUND, "there is no record at this path"));
            } else {
                session.answer(id, entry(found.get()));
            }
        });
    }

    private Fields entry(Entry entry) {
        FieldWriter fields = new FieldWriter(format).text("path", entry.path().toString());
        ChangeFields.beside(fields, entry.version(), entry.properties(), entry.expiresAt());
        return fields.content(entry.content()).done();
    }

    private void query(Object id, Envelope message) {
        Query query = new Query(
                message.needText("table"),
                message.text("query").orElse(""),
                message.text("after").orElse(""),
                message.positive("limit").orElse(Query.NO_LIMIT));
        RowStream rows = new RowStream(session, format, id, message.positive("demand"));
        session.add(id, rows);
        session.afterWrites(id, () -> {
            try {
                rows.start(session.view(), query);
            } catch (ResourceException e) {
                session.ended(id);
                throw e;
            }
        });
    }

    private void subscribe(Object id, Envelope message) {
        List<TopicFilter> filters =
                message.texts("filter").stream().map(TopicFilter::of).toList();
        if (filters.isEmpty()) {
            throw invalid("field 'filter' is missing");
        }
        Overflow overflow = switch (message.text("policy").orElse("every")) {
            case "every" -> Overflow.EVERY;
            case "latest" -> Overflow.LATEST;
            default -> throw invalid("field 'policy' must be every or latest");
        };
        SubscribeRequest request = new SubscribeRequest(
                filters, start(message), overflow, message.text("query").orElse(""));
        Follow follow = new Follow(session, format, id, message.positive("demand"));
        session.add(id, follow);
        Cursor place;
        try {
            place = follow.open(session.view(), request);
        } catch (ResourceException e) {
            session.ended(id);
            throw e;
        }
        session.answer(
                id, new FieldWriter(format).text("cursor", place.toString()).done());
        follow.flow();
    }

    private static Start start(Envelope message) {
        Optional<String> after = message.text("after");
        if (after.isPresent()) {
            if (message.has("start")) {
                throw invalid("give start or after, not both");
            }
            return new Start.After(Cursor.parse(after.get()));
        }
        return switch (message.text("start").orElse("current")) {
            case "current" -> Start.CURRENT;
            case "now" -> Start.NOW;
            default -> throw invalid("field 'start' must be current or now");
        };
    }

    /** Checks who the client says it is. Nothing else is served meanwhile, so that the order of requests has a meaning. */
    private void authenticate(@Nullable Object id, Envelope message) {
        if (session.streams() > 0) {
            throw new ResourceException(
                    ErrorCode.CONFLICT, "end all subscriptions and queries before authenticating anew");
        }
        Credentials credentials = message.has("token")
                ? new Credentials.Bearer(message.needText("token"))
                : new Credentials.Password(message.needText("user"), message.needText("password"));
        session.hold(true);
        session.whenDone(
                context.authenticator()
                        .authenticate(credentials, session.via())
                        .whenCompleteAsync((identity, failure) -> {}, session.eventLoop()),
                (identity, failure) -> {
                    if (failure != null) {
                        session.refuse(id, failure);
                    } else {
                        session.become(context.resources(identity, session.via(), session.eventLoop()));
                        session.answer(
                                id,
                                new FieldWriter(format)
                                        .text("identity", identity.name())
                                        .done());
                    }
                    session.hold(false);
                });
    }
}
