package org.millrace.plugin.mqtt.connection;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.plugin.mqtt.session.SessionState;
import org.millrace.plugin.mqtt.session.Sessions;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ResourceException;

/** What comes of one CONNECT. Used by the connection's event loop, but for {@link #takenOver}. */
final class Entrance implements Admission.Door {
    private final MqttConnection connection;
    private final ConnectRequest request;

    Entrance(MqttConnection connection, ConnectRequest request) {
        this.connection = connection;
        this.request = request;
    }

    @Override
    public boolean isAwaited() {
        return connection.isConnecting();
    }

    @Override
    public void challenged() {
        connection.challenged();
    }

    @Override
    public void admit(Identity identity, Sessions.Claim mine, Optional<SessionState> previous) {
        connection.serve(request, identity, mine, previous);
    }

    @Override
    public void refuse(ReasonCode code, int code311, @Nullable String reason) {
        connection.refuse(code, code311, reason);
    }

    @Override
    public void notAuthenticatedAgain(ResourceException reason) {
        connection.log().warn("did not authenticate again: " + reason.getMessage());
        connection.endNow(Refusal.of(reason.code()).disconnect(), reason.getMessage());
    }

    @Override
    public void takenOver() {
        connection.end(ReasonCode.SESSION_TAKEN_OVER, "another connection has this client id");
    }
}
