package org.millrace.plugin.mqtt;

import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.raw;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** An authentication method that asks "who?" until it is told "ann" or "bob"; another name is refused. */
final class QuestionMechanism implements Authenticator.Exchange {
    static final String NAME = "QUESTION";
    static final int CONTINUE = 0x18;
    static final int RE_AUTHENTICATE = 0x19;

    @Override
    public CompletionStage<Authenticator.Step> respond(byte[] response) {
        String said = new String(response, StandardCharsets.UTF_8);
        return switch (said) {
            case "", "hello" -> CompletableFuture.completedStage(new Authenticator.Challenge(raw("who?")));
            case "ann", "bob" ->
                CompletableFuture.completedStage(
                        new Authenticator.Success(new Identity(said, Set.of()), raw("welcome " + said)));
            default ->
                CompletableFuture.failedStage(new ResourceException(ErrorCode.UNAUTHENTICATED, "nobody knows " + said));
        };
    }

    /** CONNECT that names the method, and wants no reason strings. */
    static byte[] connect(String clientId, String data) {
        return Packets.connect5(
                clientId, Packets.CLEAN, properties(property(0x17, bytes(0)), methodAndData(NAME, data)));
    }

    static byte[] auth(int code, String data) {
        return auth(code, NAME, data);
    }

    static byte[] auth(int code, String method, String data) {
        return packet(0xF0, bytes(code), properties(methodAndData(method, data)));
    }

    private static byte[] methodAndData(String method, String data) {
        byte[] named = property(0x15, utf(method));
        return data.isEmpty() ? named : join(named, property(0x16, join(u16(data.length()), raw(data))));
    }
}
