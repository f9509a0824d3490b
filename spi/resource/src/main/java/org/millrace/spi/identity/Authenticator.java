package org.millrace.spi.identity;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Turns credentials into an identity. Implemented by the host, and by plugins that know users which the configuration does
 * not; safe for use by any thread; never blocks. Stages may complete on any thread: a plugin hops back to its event loop
 * with the {@code Async} methods.
 *
 * @since 0.1
 */
public interface Authenticator {
    /**
     * Where a plugin offers to say who clients are. The host asks it, after its own users, about credentials that it would
     * otherwise refuse; never about clients without any, nor while no users are configured at all. What an identity may do
     * is what the configuration grants to its roles. An offer that does not answer in time lets nobody in.
     */
    ExtensionPoint<Authenticator> POINT = new ExtensionPoint<>("authenticator", Authenticator.class);

    /**
     * Checks credentials in one step.
     *
     * @param credentials what the client showed
     * @param via where it comes from
     * @return the identity; fails with {@link ErrorCode#UNAUTHENTICATED}
     */
    CompletionStage<Identity> authenticate(Credentials credentials, ConnectionInfo via);

    /**
     * The mechanisms of several steps that {@link #exchange} offers, by their SASL names (RFC 4422), for AMQP and MQTT 5
     * enhanced authentication.
     *
     * @return may be empty
     */
    default Set<String> mechanisms() {
        return Set.of();
    }

    /**
     * Starts an exchange of several steps.
     *
     * @param mechanism one of {@link #mechanisms()}
     * @param via where the client comes from
     * @return the exchange
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} for another mechanism
     */
    default Exchange exchange(String mechanism, ConnectionInfo via) {
        throw new ResourceException(ErrorCode.UNSUPPORTED, "there is no mechanism " + mechanism);
    }

    /** A running exchange. Used by one thread at a time. */
    interface Exchange {
        /**
         * Takes the client's next response.
         *
         * @param response the client's bytes; empty where the mechanism lets the server begin
         * @return the next step; fails with {@link ErrorCode#UNAUTHENTICATED}
         */
        CompletionStage<Step> respond(byte[] response);
    }

    /** What follows a client's response. */
    sealed interface Step {}

    /**
     * The client has to answer.
     *
     * @param bytes the challenge
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
    record Challenge(byte[] bytes) implements Step {}

    /**
     * The client is who it says.
     *
     * @param identity who
     * @param bytes what the mechanism sends along; may be empty
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
    record Success(Identity identity, byte[] bytes) implements Step {}
}
