package org.millrace.testkit;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Knows users by the secret they show: a password as {@code user:password}, a bearer token as itself. */
final class MemoryAuthenticator implements Authenticator {
    private final Map<String, Identity> bySecret = new ConcurrentHashMap<>();
    private final Map<String, Function<ConnectionInfo, Exchange>> mechanisms = new ConcurrentHashMap<>();
    private volatile boolean anonymousAllowed = true;

    void add(String secret, Identity identity) {
        bySecret.put(secret, identity);
    }

    void addMechanism(String name, Function<ConnectionInfo, Exchange> exchanges) {
        mechanisms.put(name, exchanges);
    }

    void allowAnonymous(boolean allowed) {
        anonymousAllowed = allowed;
    }

    @Override
    public CompletionStage<Identity> authenticate(Credentials credentials, ConnectionInfo via) {
        Identity found = switch (credentials) {
            case Credentials.None _ -> anonymousAllowed ? Identity.ANONYMOUS : null;
            case Credentials.Password p -> bySecret.get(p.user() + ':' + p.password());
            case Credentials.Bearer b -> bySecret.get(b.token());
            case Credentials.Certificate _ -> null;
        };
        return found != null
                ? CompletableFuture.completedStage(found)
                : CompletableFuture.failedStage(
                        new ResourceException(ErrorCode.UNAUTHENTICATED, "the credentials are missing or wrong"));
    }

    @Override
    public Set<String> mechanisms() {
        return Set.copyOf(mechanisms.keySet());
    }

    @Override
    public Exchange exchange(String mechanism, ConnectionInfo via) {
        Function<ConnectionInfo, Exchange> known = mechanisms.get(mechanism);
        if (known == null) {
            throw new ResourceException(ErrorCode.UNSUPPORTED, "the test host has no mechanism " + mechanism);
        }
        return known.apply(via);
    }
}
