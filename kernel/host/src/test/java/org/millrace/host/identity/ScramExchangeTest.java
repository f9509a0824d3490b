package org.millrace.host.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class ScramExchangeTest {
    private static final ConnectionInfo VIA = new ConnectionInfo("test", "127.0.0.1:1", false, "");
    /** The example of RFC 7677 section 3. */
    private static final String CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";

    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_FINAL = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final Identity USER = new Identity("user", Set.of("reader"));
    private static final PasswordHash PENCIL = PasswordHash.of(
            HashFunction.SHA_256, "pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    private final ScramExchange exchange = new ScramExchange(
            HashFunction.SHA_256,
            name -> CompletableFuture.completedStage(
                    new ScramExchange.Known(PENCIL, name.equals("user") ? Optional.of(USER) : Optional.empty())),
            "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");

    private static Authenticator.Step answer(Authenticator.Exchange to, String message) throws Exception {
        return to.respond(message.getBytes(StandardCharsets.UTF_8))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    private static String challenge(Authenticator.Exchange to, String message) throws Exception {
        return new String(((Authenticator.Challenge) answer(to, message)).bytes(), StandardCharsets.UTF_8);
    }

    private static void assertRefused(Authenticator.Exchange by, String message) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> answer(by, message))
                .satisfies(e -> assertThat(ResourceException.from(e).code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
    }

    @Test
    void theExampleOfTheStandardSucceeds() throws Exception {
        assertThat(challenge(exchange, CLIENT_FIRST)).isEqualTo(SERVER_FIRST);
        assertThat(answer(exchange, CLIENT_FINAL)).isInstanceOfSatisfying(Authenticator.Success.class, success -> {
            assertThat(success.identity()).isEqualTo(USER);
            assertThat(new String(success.bytes(), StandardCharsets.UTF_8))
                    .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        });
        assertRefused(exchange, CLIENT_FINAL);
    }

    /** The same exchange, its values computed with Python's hashlib and hmac. */
    @Test
    void theExampleSucceedsWithSha512() throws Exception {
        PasswordHash pencil = PasswordHash.of(
                HashFunction.SHA_512, "pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        ScramExchange longer = new ScramExchange(
                HashFunction.SHA_512,
                name -> CompletableFuture.completedStage(new ScramExchange.Known(pencil, Optional.of(USER))),
                "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");

        assertThat(challenge(longer, CLIENT_FIRST)).isEqualTo(SERVER_FIRST);
        String proof = "gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==";
        assertThat(answer(longer, CLIENT_FINAL.replaceAll("p=.*", "p=" + proof)))
                .isInstanceOfSatisfying(
                        Authenticator.Success.class,
                        success -> assertThat(new String(success.bytes(), StandardCharsets.UTF_8))
                                .isEqualTo(
                                        "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="));
    }

    @Test
    void aClientThatWaitsForTheServerIsAskedToBegin() throws Exception {
        assertThat(challenge(exchange, "")).isEmpty();
        assertThat(challenge(exchange, CLIENT_FIRST)).isEqualTo(SERVER_FIRST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user",
                "p=tls-unique,,n=user,r=abc",
                "n,a=other,n=user,r=abc",
                "n,,m=ext,n=user,r=abc",
                "n,,n=user",
                "n,,n=user,r=",
                "n,,r=abc,n=user"
            })
    void malformedFirstMessagesAreRefused(String message) {
        assertRefused(exchange, message);
        assertRefused(exchange, CLIENT_FIRST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzb",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=*",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVA="
            })
    void wrongProofsAreRefused(String message) throws Exception {
        challenge(exchange, CLIENT_FIRST);
        assertRefused(exchange, message);
        assertRefused(exchange, CLIENT_FINAL);
    }

    @Test
    void aProofForAUserThereIsNotIsRefused() throws Exception {
        challenge(exchange, CLIENT_FIRST.replace("user", "uses"));
        assertRefused(exchange, CLIENT_FINAL);
    }

    @Test
    void namesThatNobodyHasLookLikeUsers() throws Exception {
        String hash = PasswordHash.of(HashFunction.SHA_256, "wonderland", new byte[16], 4096)
                .toString();
        try (HostAuthenticator host =
                new HostAuthenticator(List.of(new User("alice", UserSecret.of(hash), Set.of())), List.of(), false)) {
            assertThat(host.mechanisms()).containsExactly("SCRAM-SHA-256");
            String first = challenge(host.exchange("SCRAM-SHA-256", VIA), "n,,n=eve,r=a");
            String again = challenge(host.exchange("SCRAM-SHA-256", VIA), "n,,n=eve,r=a");
            String other = challenge(host.exchange("SCRAM-SHA-256", VIA), "n,,n=mallory,r=a");
            assertThat(first).endsWith(",i=4096").matches("r=a.{24},s=.{24},i=4096");
            assertThat(salt(again)).isEqualTo(salt(first)).isNotEqualTo(salt(other));
            assertThat(again).as("a new nonce").isNotEqualTo(first);
        }
    }

    @Test
    void aMechanismIsOfferedIfEveryUserCanUseIt() {
        User plain = new User("plain", UserSecret.of("secret"), Set.of());
        User hashed256 = new User("hashed256", hashed(HashFunction.SHA_256), Set.of());
        User hashed512 = new User("hashed512", hashed(HashFunction.SHA_512), Set.of());

        assertThat(mechanisms(plain)).containsExactlyInAnyOrder("SCRAM-SHA-256", "SCRAM-SHA-512");
        assertThat(mechanisms(plain, hashed256)).containsExactly("SCRAM-SHA-256");
        assertThat(mechanisms(plain, hashed512)).containsExactly("SCRAM-SHA-512");
        assertThat(mechanisms(hashed256, hashed512)).isEmpty();
        assertThat(mechanisms()).isEmpty();
    }

    private static UserSecret hashed(HashFunction function) {
        return UserSecret.of(
                PasswordHash.of(function, "secret", new byte[16], 4096).toString());
    }

    private static Set<String> mechanisms(User... users) {
        try (HostAuthenticator host = new HostAuthenticator(List.of(users), List.of(), false)) {
            return host.mechanisms();
        }
    }

    private static String salt(String challenge) {
        return challenge.replaceAll(".*,s=", "");
    }
}
