package org.millrace.host.identity;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's own users first, then whoever plugins know: credentials that the host refuses as wrong are shown to the
 * authenticators that plugins offer, one after another, until one knows them. Clients without credentials are the host's
 * to let in or not. Safe for use by any thread; a plugin that does not answer is given up after a while.
 */
public final class Authenticators implements Authenticator, Extensions.Consumer<Authenticator> {
    private static final Logger log = LoggerFactory.getLogger(Authenticators.class);

    private final Authenticator own;
    private final Duration timeout;
    private volatile List<Offered> offered = List.of();

    private record Offered(String pluginId, Authenticator authenticator) {}

    /**
     * Starts with the host's own alone.
     *
     * @param own knows the configured users
     * @param timeout how long a plugin may take
     */
    public Authenticators(Authenticator own, Duration timeout) {
        this.own = own;
        this.timeout = timeout;
    }

    @Override
    public synchronized void added(String pluginId, Authenticator authenticator) {
        List<Offered> all = new ArrayList<>(offered);
        all.add(new Offered(pluginId, authenticator));
        offered = List.copyOf(all);
        log.info("Plugin {} says who clients are that the configuration does not know", pluginId);
    }

    @Override
    public synchronized void removed(String pluginId, Authenticator authenticator) {
        List<Offered> all = new ArrayList<>(offered);
        all.removeIf(each -> each.authenticator == authenticator && each.pluginId.equals(pluginId));
        offered = List.copyOf(all);
    }

    @Override
    public CompletionStage<Identity> authenticate(Credentials credentials, ConnectionInfo via) {
        CompletionStage<Identity> checked = own.authenticate(credentials, via);
        if (credentials instanceof Credentials.None) {
            return checked;
        }
        for (Offered each : offered) {
            checked = checked.exceptionallyCompose(failure -> {
                ResourceException refusal = ResourceException.from(failure);
                return refusal.code() == ErrorCode.UNAUTHENTICATED
                        ? ask(each, credentials, via)
                        : CompletableFuture.failedStage(refusal);
            });
        }
        return checked;
    }

    private CompletionStage<Identity> ask(Offered each, Credentials credentials, ConnectionInfo via) {
        CompletableFuture<Identity> answer = new CompletableFuture<>();
        try {
            each.authenticator.authenticate(credentials, via).whenComplete((identity, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else if (identity == null || identity.isAnonymous()) {
                    answer.completeExceptionally(new IllegalStateException("it gave no name for whom it knows"));
                } else {
                    answer.complete(identity);
                }
            });
        } catch (RuntimeException | LinkageError e) {
            answer.completeExceptionally(e);
        }
        return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(refusal(each, failure)));
    }

    private ResourceException refusal(Offered each, Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof ResourceException refused) {
            return refused;
        }
        if (cause instanceof TimeoutException) {
            log.warn(
                    "Plugin {} took longer than {} to say who a client is; the client is told that it is unavailable."
                            + " See what it waits for, or raise plugins.resource-timeout",
                    each.pluginId,
                    timeout);
            return new ResourceException(
                    ErrorCode.UNAVAILABLE, "plugin " + each.pluginId + " did not check the credentials in time");
        }
        log.warn(
                "Plugin {} failed to check a client's credentials, which are refused. Report the cause to the plugin's"
                        + " author",
                each.pluginId,
                cause);
        return new ResourceException(
                ErrorCode.INTERNAL, "plugin " + each.pluginId + " failed to check the credentials", failure);
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    }

    @Override
    public Set<String> mechanisms() {
        Set<String> names = new LinkedHashSet<>(own.mechanisms());
        offered.forEach(each -> names.addAll(each.authenticator.mechanisms()));
        return names;
    }

    @Override
    public Exchange exchange(String mechanism, ConnectionInfo via) {
        if (!own.mechanisms().contains(mechanism)) {
            for (Offered each : offered) {
                if (each.authenticator.mechanisms().contains(mechanism)) {
                    return each.authenticator.exchange(mechanism, via);
                }
            }
        }
        return own.exchange(mechanism, via);
    }
}
