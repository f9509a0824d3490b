package org.millrace.host.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * The server's side of SCRAM (RFC 5802, RFC 7677) without channel binding: the client proves that it knows the
 * password without sending it, the server that it knows the password's hash. A configured {@link PasswordHash} is what
 * SCRAM calls the salted password. Used by one thread at a time.
 */
final class ScramExchange implements Authenticator.Exchange {
    private static final byte[] NOTHING = {};

    /**
     * What is known of a user.
     *
     * @param hash the password's; a made-up one for a user there is not
     * @param identity who it is; empty for a user there is not
     */
    record Known(PasswordHash hash, Optional<Identity> identity) {}

    private final HashFunction function;
    private final Function<String, CompletionStage<Known>> users;
    private final String serverNonce;
    private State state = State.FIRST;
    private @Nullable Known known;
    private String gs2Header = "";
    private String firstBare = "";
    private String serverFirst = "";
    private String nonce = "";

    private enum State {
        FIRST,
        FINAL,
        OVER
    }

    /**
     * Waits for the client's first message.
     *
     * @param function what the users' passwords are hashed with
     * @param users finds users by name; may take time
     * @param serverNonce printable, without a comma, never used before
     */
    ScramExchange(HashFunction function, Function<String, CompletionStage<Known>> users, String serverNonce) {
        this.function = function;
        this.users = users;
        this.serverNonce = serverNonce;
    }

    @Override
    public CompletionStage<Authenticator.Step> respond(byte[] response) {
        String message = new String(response, StandardCharsets.UTF_8);
        try {
            return switch (state) {
                // A client whose protocol has the server begin is shown nothing, for SCRAM's client begins.
                case FIRST ->
                    message.isEmpty()
                            ? CompletableFuture.completedStage(new Authenticator.Challenge(NOTHING))
                            : first(message);
                case FINAL -> {
                    state = State.OVER;
                    yield CompletableFuture.completedStage(last(message));
                }
                case OVER -> throw refused("the exchange is over");
            };
        } catch (ResourceException e) {
            state = State.OVER;
            return CompletableFuture.failedStage(e);
        }
    }

    private CompletionStage<Authenticator.Step> first(String message) {
        String[] parts = message.split(",", 3);
        if (parts.length < 3 || !(parts[0].equals("n") || parts[0].equals("y"))) {
            throw refused("the client's first message is malformed, or asks for channel binding");
        }
        gs2Header = parts[0] + "," + parts[1] + ",";
        firstBare = parts[2];
        String[] fields = firstBare.split(",", -1);
        String user = name(field(fields, 0, "n="));
        String clientNonce = field(fields, 1, "r=");
        if (clientNonce.isEmpty()) {
            throw refused("the client's nonce is empty");
        }
        if (!parts[1].isEmpty() && !name(field(parts, 1, "a=")).equals(user)) {
            throw refused("a user cannot act for another one");
        }
        nonce = clientNonce + serverNonce;
        return users.apply(user).thenApply(found -> {
            known = found;
            state = State.FINAL;
            serverFirst = "r=" + nonce + ",s="
                    + Base64.getEncoder().encodeToString(found.hash().salt()) + ",i="
                    + found.hash().iterations();
            return new Authenticator.Challenge(serverFirst.getBytes(StandardCharsets.UTF_8));
        });
    }

    private Authenticator.Step last(String message) {
        Known found = known;
        int proofAt = message.lastIndexOf(",p=");
        if (found == null || proofAt < 0) {
            throw refused("the client's final message has no proof");
        }
        String withoutProof = message.substring(0, proofAt);
        String[] fields = withoutProof.split(",", -1);
        String binding = Base64.getEncoder().encodeToString(gs2Header.getBytes(StandardCharsets.UTF_8));
        if (!field(fields, 0, "c=").equals(binding) || !field(fields, 1, "r=").equals(nonce)) {
            throw refused("the client's final message does not belong to the first one");
        }
        String authMessage = firstBare + "," + serverFirst + "," + withoutProof;
        byte[] salted = found.hash().hash();
        byte[] storedKey = function.digest(hmac(salted, "Client Key"));
        byte[] clientKey = exclusiveOr(hmac(storedKey, authMessage), base64(message.substring(proofAt + 3)));
        boolean proven = MessageDigest.isEqual(function.digest(clientKey), storedKey);
        if (!proven || found.identity().isEmpty()) {
            throw refused("wrong user name or password");
        }
        String signature = Base64.getEncoder().encodeToString(hmac(hmac(salted, "Server Key"), authMessage));
        return new Authenticator.Success(found.identity().get(), ("v=" + signature).getBytes(StandardCharsets.UTF_8));
    }

    private static String field(String[] fields, int at, String prefix) {
        if (fields.length <= at || !fields[at].startsWith(prefix)) {
            throw refused("the client's message has no field '" + prefix + "' in its place");
        }
        return fields[at].substring(prefix.length());
    }

    /** A comma and an equals sign in a name are written otherwise (RFC 5802 section 5.1). */
    private static String name(String written) {
        return written.replace("=2C", ",").replace("=3D", "=");
    }

    private static byte[] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw refused("the client's proof is no Base64");
        }
    }

    private static byte[] exclusiveOr(byte[] a, byte[] b) {
        if (a.length != b.length) {
            throw refused("the client's proof has " + b.length + " bytes; it needs " + a.length);
        }
        byte[] result = new byte[a.length];
        for (int i = 0; i < a.length; i++) {
            result[i] = (byte) (a[i] ^ b[i]);
        }
        return result;
    }

    private byte[] hmac(byte[] key, String text) {
        return function.hmac(key, text.getBytes(StandardCharsets.UTF_8));
    }

    private static ResourceException refused(String message) {
        return new ResourceException(ErrorCode.UNAUTHENTICATED, message);
    }
}
