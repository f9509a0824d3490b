package org.millrace.host.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class AuthenticatorsTest {
    private static final ConnectionInfo VIA = new ConnectionInfo("test", "127.0.0.1:1", false, "");
    private static final Credentials BOB = new Credentials.Password("bob", "secret");

    private final HostAuthenticator own = new HostAuthenticator(
            List.of(new User("alice", UserSecret.of("wonder"), Set.of("admin"))), List.of(), false);
    private final Authenticators authenticators = new Authenticators(own, Duration.ofMillis(200));

    /** A plugin's, with one step and one mechanism. */
    private record Known(String mechanism, Function<Credentials, CompletionStage<Identity>> check)
            implements Authenticator {
        @Override
        public CompletionStage<Identity> authenticate(Credentials credentials, ConnectionInfo via) {
            return check.apply(credentials);
        }

        @Override
        public Set<String> mechanisms() {
            return Set.of(mechanism);
        }

        @Override
        public Exchange exchange(String name, ConnectionInfo via) {
            return response -> CompletableFuture.completedStage(new Success(new Identity(name, Set.of()), new byte[0]));
        }
    }

    private static Known knows(String user) {
        return new Known(
                "X-" + user,
                shown -> shown instanceof Credentials.Password p && p.user().equals(user)
                        ? CompletableFuture.completedStage(new Identity(user, Set.of("guest")))
                        : CompletableFuture.failedStage(
                                new ResourceException(ErrorCode.UNAUTHENTICATED, user + " is not you")));
    }

    @AfterEach
    void close() {
        own.close();
    }

    private Identity get(Credentials shown) throws Exception {
        return authenticators.authenticate(shown, VIA).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private void assertRefused(Credentials shown, ErrorCode code) {
        assertThatThrownBy(() -> get(shown))
                .cause()
                .satisfies(refusal ->
                        assertThat(((ResourceException) refusal).code()).isEqualTo(code));
    }

    @Test
    void whomTheConfigurationDoesNotKnowAPluginMay() throws Exception {
        authenticators.added("carols", knows("carol"));
        authenticators.added("bobs", knows("bob"));

        assertThat(get(BOB)).isEqualTo(new Identity("bob", Set.of("guest")));
        assertThat(get(new Credentials.Password("alice", "wonder")).roles()).containsExactly("admin");
        assertRefused(new Credentials.Password("dave", "x"), ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void clientsWithoutCredentialsAreNotThePluginsToLetIn() {
        authenticators.added(
                "all", new Known("X", shown -> CompletableFuture.completedStage(new Identity("x", Set.of()))));

        assertRefused(new Credentials.None(), ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void aPluginThatHasGoneIsNotAsked() {
        Known bob = knows("bob");
        authenticators.added("bobs", bob);
        authenticators.removed("bobs", bob);

        assertRefused(BOB, ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void aPluginThatFailsOrIsSilentLetsNobodyIn() {
        Known silent = new Known("X", shown -> new CompletableFuture<>());
        authenticators.added("silent", silent);
        assertRefused(BOB, ErrorCode.UNAVAILABLE);
        authenticators.removed("silent", silent);

        authenticators.added("nameless", new Known("X", shown -> CompletableFuture.completedStage(Identity.ANONYMOUS)));
        assertRefused(BOB, ErrorCode.INTERNAL);
    }

    @Test
    void mechanismsOfPluginsStandBesideTheHosts() throws Exception {
        authenticators.added("bobs", knows("bob"));

        assertThat(authenticators.mechanisms()).contains("SCRAM-SHA-256", "X-bob");
        assertThat(authenticators.exchange("X-bob", VIA).respond(new byte[0]))
                .isCompletedWithValueMatching(step -> step instanceof Authenticator.Success success
                        && success.identity().name().equals("X-bob"));
        assertThatThrownBy(() -> authenticators.exchange("X-dave", VIA)).isInstanceOf(ResourceException.class);
    }
}
