package org.millrace.testkit;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Knows users by the secret they show: a password as {@code user:password}, a bearer token as itself. Whom it does not know
 * the plugins' authenticators are asked about, as by a host.
 */
final class MemoryAuthenticator implements Authenticator, Extensions.Consumer<Authenticator> {
    private final Map<String, Identity> bySecret = new ConcurrentHashMap<>();
    private final Map<String, Function<ConnectionInfo, Exchange>> mechanisms = new ConcurrentHashMap<>();
    private final List<Authenticator> offered = new CopyOnWriteArrayList<>();
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
        if (found != null) {
            return CompletableFuture.completedStage(found);
        }
        CompletionStage<Identity> checked = CompletableFuture.failedStage(
                new ResourceException(ErrorCode.UNAUTHENTICATED, "the credentials are missing or wrong"));
        if (credentials instanceof Credentials.None) {
            return checked;
        }
        for (Authenticator each : offered) {
            checked = checked.exceptionallyCompose(failure -> {
                ResourceException refusal = ResourceException.from(failure);
                return refusal.code() == ErrorCode.UNAUTHENTICATED
                        ? each.authenticate(credentials, via)
                        : CompletableFuture.failedStage(refusal);
            });
        }
        return checked;
    }

    @Override
    public void added(String pluginId, Authenticator authenticator) {
        offered.add(authenticator);
    }

    @Override
    public void removed(String pluginId, Authenticator authenticator) {
        offered.remove(authenticator);
    }

    @Override
    public Set<String> mechanisms() {
        Set<String> names = new HashSet<>(mechanisms.keySet());
        offered.forEach(each -> names.addAll(each.mechanisms()));
        return Set.copyOf(names);
    }

    @Override
    public Exchange exchange(String mechanism, ConnectionInfo via) {
        Function<ConnectionInfo, Exchange> known = mechanisms.get(mechanism);
        if (known == null) {
            for (Authenticator each : offered) {
                if (each.mechanisms().contains(mechanism)) {
                    return each.exchange(mechanism, via);
                }
            }
            throw new ResourceException(ErrorCode.UNSUPPORTED, "the test host has no mechanism " + mechanism);
        }
        return known.apply(via);
    }
}
