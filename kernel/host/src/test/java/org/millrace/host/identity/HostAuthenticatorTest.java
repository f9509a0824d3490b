package org.millrace.host.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.pkitesting.CertificateBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class HostAuthenticatorTest {
    private static final ConnectionInfo VIA = new ConnectionInfo("test", "127.0.0.1:1", false, "");
    private static final User ALICE = new User("alice", UserSecret.of("wonderland"), Set.of("reader"));

    private final AtomicLong now = new AtomicLong();
    private List<AccessToken> tokens = List.of();
    private final List<HostAuthenticator> open = new ArrayList<>();

    private HostAuthenticator authenticator(List<User> users, boolean allowAnonymous) {
        HostAuthenticator made = new HostAuthenticator(users, tokens, allowAnonymous, now::get);
        open.add(made);
        return made;
    }

    @AfterEach
    void close() {
        open.forEach(HostAuthenticator::close);
    }

    private static Identity get(HostAuthenticator a, Credentials shown) throws Exception {
        return a.authenticate(shown, VIA).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static void assertRefused(HostAuthenticator a, Credentials shown, String message) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> get(a, shown))
                .satisfies(e -> {
                    ResourceException refusal = ResourceException.from(e);
                    assertThat(refusal.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
                    assertThat(refusal).hasMessageContaining(message);
                });
    }

    @Test
    void withoutUsersEverybodyIsAnonymous() throws Exception {
        HostAuthenticator a = authenticator(List.of(), false);

        assertThat(get(a, Credentials.NONE)).isEqualTo(Identity.ANONYMOUS);
        assertThat(get(a, new Credentials.Password("device", "7"))).isEqualTo(Identity.ANONYMOUS);
    }

    @Test
    void withUsersCredentialsAreNeeded() {
        assertRefused(authenticator(List.of(ALICE), false), Credentials.NONE, "credentials are needed");
    }

    @Test
    void withUsersAnonymousClientsCanBeLetInExplicitly() throws Exception {
        assertThat(get(authenticator(List.of(ALICE), true), Credentials.NONE)).isEqualTo(Identity.ANONYMOUS);
    }

    @Test
    void theRightPasswordGivesTheUserWithItsRoles() throws Exception {
        assertThat(get(authenticator(List.of(ALICE), false), new Credentials.Password("alice", "wonderland")))
                .isEqualTo(new Identity("alice", Set.of("reader")));
    }

    @Test
    void aWrongPasswordAndAnUnknownUserGetTheSameAnswer() {
        HostAuthenticator a = authenticator(List.of(ALICE), true);

        assertRefused(a, new Credentials.Password("alice", "x"), "wrong user name or password");
        assertRefused(a, new Credentials.Password("bob", "wonderland"), "wrong user name or password");
    }

    @Test
    void aRecentLoginIsAnsweredAtOnceUntilItsTimeIsOver() throws Exception {
        HostAuthenticator a = authenticator(List.of(ALICE), false);
        Credentials shown = new Credentials.Password("alice", "wonderland");
        get(a, shown);

        CompletableFuture<Identity> second = a.authenticate(shown, VIA).toCompletableFuture();
        now.addAndGet(Duration.ofMinutes(6).toNanos());
        CompletableFuture<Identity> late = a.authenticate(shown, VIA).toCompletableFuture();

        assertThat(second).isCompletedWithValue(new Identity("alice", Set.of("reader")));
        assertThat(late.get(30, TimeUnit.SECONDS).name()).isEqualTo("alice");
    }

    @Test
    void aRecentLoginDoesNotLetAnotherPasswordIn() throws Exception {
        HostAuthenticator a = authenticator(List.of(ALICE), false);
        get(a, new Credentials.Password("alice", "wonderland"));

        assertRefused(a, new Credentials.Password("alice", "wonderlan"), "wrong");
        assertRefused(a, new Credentials.Password("alicew", "onderland"), "wrong");
    }

    @Test
    void aBearerTokenIsRefusedWithTheRemedy() {
        assertRefused(authenticator(List.of(), true), new Credentials.Bearer("x"), "user name and a password");
    }

    @Test
    void aConfiguredBearerTokenLetsItsOwnerIn() throws Exception {
        String secret = "0123456789abcdef01234567";
        tokens = List.of(
                AccessToken.of("sensor", secret, Set.of("writer")),
                AccessToken.of("ci", "$sha256$" + AccessToken.hash(secret + "!"), Set.of("admin")));
        HostAuthenticator a = authenticator(List.of(ALICE), false);

        assertThat(get(a, new Credentials.Bearer(secret))).isEqualTo(new Identity("sensor", Set.of("writer")));
        assertThat(get(a, new Credentials.Bearer(secret + "!"))).isEqualTo(new Identity("ci", Set.of("admin")));
        assertRefused(a, new Credentials.Bearer(secret.substring(1)), "not valid");
        assertRefused(a, new Credentials.Bearer(AccessToken.hash(secret)), "not valid");
    }

    @Test
    void withTokensAloneCredentialsAreNeededToo() {
        tokens = List.of(AccessToken.of("sensor", "0123456789abcdef01234567", Set.of()));
        HostAuthenticator a = authenticator(List.of(), false);

        assertRefused(a, Credentials.NONE, "credentials are needed");
        assertRefused(a, new Credentials.Password("sensor", "0123456789abcdef01234567"), "wrong");
    }

    @Test
    void aCertificatesCommonNameIsTheUser() throws Exception {
        var bundle = new CertificateBuilder()
                .subject("CN=alice,O=Org")
                .ecp256()
                .setIsCertificateAuthority(true)
                .buildSelfSigned();

        Identity identity = get(
                authenticator(List.of(ALICE), false),
                new Credentials.Certificate(List.of(bundle.getCertificatePath())));

        assertThat(identity).isEqualTo(new Identity("alice", Set.of("reader")));
    }

    @Test
    void aCertificateWithoutACommonNameIsRefused() throws Exception {
        var bundle = new CertificateBuilder()
                .subject("O=Org")
                .ecp256()
                .setIsCertificateAuthority(true)
                .buildSelfSigned();

        assertRefused(
                authenticator(List.of(), false),
                new Credentials.Certificate(List.of(bundle.getCertificatePath())),
                "no common name");
    }

    @Test
    void anExchangeOfAnUnknownMechanismIsUnsupported() {
        HostAuthenticator a = authenticator(List.of(), false);

        assertThat(a.mechanisms()).isEmpty();
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> a.exchange("SCRAM-SHA-256", VIA))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }

    @Test
    void aLoginWhileTheHostStopsIsAnswered() {
        HostAuthenticator a = authenticator(List.of(ALICE), false);
        a.close();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> get(a, new Credentials.Password("alice", "wonderland")))
                .satisfies(e -> assertThat(ResourceException.from(e).code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
}
