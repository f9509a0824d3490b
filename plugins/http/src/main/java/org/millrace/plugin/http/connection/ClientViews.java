package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Resources;

/**
 * Who the clients of one HTTP/2 connection are. Requests under way together may show different credentials; those that
 * show the same share one {@link Login}, and one check of it. There are never more logins than requests under way, and
 * one. Used on the event loop only.
 */
final class ClientViews {
    /** Told how a check came out. */
    interface Guest {
        /** May go on. */
        void letIn();

        /** May not. */
        void turnedAway(Throwable failure);
    }

    private enum State {
        NEW,
        CHECKING,
        CHECKED
    }

    /** Credentials, and the view of the records that they opened. */
    final class Login {
        private final String shown;
        private final ClientAccess access = new ClientAccess(
                server.context(),
                channel,
                via,
                server.config().credentialLifetime().toNanos());
        private final List<Guest> waiting = new ArrayList<>(1);
        private State state = State.NEW;
        private int users;

        private Login(String shown) {
            this.shown = shown;
        }

        /** The view; null if the credentials were not good. */
        @Nullable
        Resources view() {
            return access.view();
        }

        /** One user less. */
        void leave() {
            users--;
            if (users == 0 && (logins.get(shown) != this || logins.size() > 1)) {
                end();
            }
        }

        private void end() {
            logins.remove(shown, this);
            access.close();
        }
    }

    private final HttpServer server;
    private final Channel channel;
    private final ConnectionInfo via;
    private final Map<String, Login> logins = new HashMap<>(2);

    ClientViews(HttpServer server, Channel channel, ConnectionInfo via) {
        this.server = server;
        this.channel = channel;
        this.via = via;
    }

    /** Joins the login of a request's credentials; to be {@link Login#leave left}. {@link #ask} comes next. */
    Login join(HttpHeaders headers) {
        String shown = headers.contains(HttpHeaderNames.AUTHORIZATION)
                ? String.join(",", headers.getAll(HttpHeaderNames.AUTHORIZATION))
                : "";
        Login login = logins.get(shown);
        if (login == null || login.state == State.CHECKED && !login.access.isCurrent(headers)) {
            Login old = login;
            login = new Login(shown);
            logins.put(shown, login);
            if (old != null && old.users == 0) {
                old.access.close();
            }
        }
        login.users++;
        return login;
    }

    /** Tells a guest whether it may go on: now, or when the credentials are checked. */
    void ask(Login login, HttpHeaders headers, Guest guest) {
        if (login.state == State.CHECKED) {
            guest.letIn();
            return;
        }
        login.waiting.add(guest);
        if (login.state == State.NEW) {
            login.state = State.CHECKING;
            check(login, headers);
        }
    }

    /** The view of any of the clients; null if there is none yet. */
    @Nullable
    Resources anyView() {
        for (Login login : logins.values()) {
            if (login.view() != null) {
                return login.view();
            }
        }
        return null;
    }

    private void check(Login login, HttpHeaders headers) {
        try {
            var _ = login.access.check(headers).whenComplete((identity, failure) -> {
                if (channel.eventLoop().inEventLoop()) {
                    checked(login, headers, identity, failure);
                } else {
                    channel.eventLoop().execute(() -> checked(login, headers, identity, failure));
                }
            });
        } catch (RuntimeException e) {
            checked(login, headers, null, e);
        }
    }

    private void checked(Login login, HttpHeaders headers, @Nullable Identity identity, @Nullable Throwable failure) {
        login.state = State.CHECKED;
        List<Guest> guests = List.copyOf(login.waiting);
        login.waiting.clear();
        if (!channel.isActive()) {
            return;
        }
        if (identity == null) {
            logins.remove(login.shown, login);
            Throwable why = failure == null ? new IllegalStateException("no identity") : failure;
            guests.forEach(g -> g.turnedAway(why));
            return;
        }
        login.access.admit(headers, identity);
        guests.forEach(Guest::letIn);
    }

    /** Ends all: the connection has gone. */
    void close() {
        List.copyOf(logins.values()).forEach(Login::end);
    }
}
