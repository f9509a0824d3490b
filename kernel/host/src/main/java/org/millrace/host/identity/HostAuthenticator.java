package org.millrace.host.identity;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks credentials against the configured users and bearer tokens.
 *
 * <p>While neither are configured there is nothing to check against: everybody is {@link Identity#ANONYMOUS}, whatever
 * user name and password they send. (The transport keeps such a host to loopback.) With users, clients without
 * credentials are refused unless the configuration says otherwise.
 *
 * <p>Passwords are hashed on a few threads with a bounded queue, so that a storm of logins, or of guesses, neither blocks
 * an event loop nor piles up: beyond the bound the answer is {@link ErrorCode#BUSY}. Equal logins at the same time are
 * checked once. SCRAM, which works on the same hashes, leaves the slow part to the client.
 */
public final class HostAuthenticator implements Authenticator, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HostAuthenticator.class);
    private static final int REMEMBERED = 10_000;
    private static final Duration REMEMBERED_FOR = Duration.ofMinutes(5);
    private static final int WAITING = 1_000;

    private final Map<String, User> users;
    /** What the configured bearer tokens stand for, by their hash. */
    private final Map<String, Identity> tokens;

    private final boolean open;
    private final boolean allowAnonymous;
    /** By their names, those that every user's secret serves: a client takes one without knowing whose it is. */
    private final Map<String, HashFunction> mechanisms;

    private final UserSecret nobody;
    private final RecentLogins recent;
    private final SecureRandom random = new SecureRandom();
    private final byte[] salt = new byte[32];
    private final Map<Login, CompletableFuture<Identity>> inProgress = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor hashing;

    /**
     * Starts without having checked anybody.
     *
     * @param users who can log in, each name once
     * @param tokens bearer tokens that are accepted, each once
     * @param allowAnonymous whether clients without credentials are let in although there are users
     */
    public HostAuthenticator(List<User> users, List<AccessToken> tokens, boolean allowAnonymous) {
        this(users, tokens, allowAnonymous, System::nanoTime);
    }

    HostAuthenticator(List<User> users, List<AccessToken> tokens, boolean allowAnonymous, LongSupplier nanoTime) {
        this.users = users.stream().collect(Collectors.toUnmodifiableMap(User::name, Function.identity()));
        this.tokens = tokens.stream()
                .collect(Collectors.toUnmodifiableMap(
                        AccessToken::hash, token -> new Identity(token.name(), token.roles())));
        this.open = users.isEmpty() && tokens.isEmpty();
        this.allowAnonymous = allowAnonymous;
        this.mechanisms = Arrays.stream(HashFunction.values())
                .filter(function -> !users.isEmpty()
                        && users.stream().allMatch(user -> user.secret().has(function)))
                .collect(Collectors.toUnmodifiableMap(HashFunction::mechanism, Function.identity()));
        random.nextBytes(salt);
        this.nobody = UserSecret.of(Long.toHexString(random.nextLong()) + "-");
        this.recent = new RecentLogins(REMEMBERED, REMEMBERED_FOR, nanoTime);
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.hashing = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                Thread.ofPlatform().name("millrace-login-", 1).daemon().factory());
        hashing.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletionStage<Identity> authenticate(Credentials credentials, ConnectionInfo via) {
        return switch (credentials) {
            case Credentials.None none ->
                open || allowAnonymous
                        ? CompletableFuture.completedStage(Identity.ANONYMOUS)
                        : refused("credentials are needed; give a user name and a password, or a bearer token");
            case Credentials.Password password ->
                open ? CompletableFuture.completedStage(Identity.ANONYMOUS) : check(password, via);
            case Credentials.Bearer bearer -> borne(bearer, via);
            case Credentials.Certificate certificate -> certified(certificate);
        };
    }

    private CompletionStage<Identity> borne(Credentials.Bearer shown, ConnectionInfo via) {
        if (tokens.isEmpty()) {
            return refused(
                    "bearer tokens are not accepted; give a user name and a password, or add the token to auth.tokens");
        }
        Identity identity = tokens.get(AccessToken.hash(shown.token()));
        if (identity == null) {
            log.debug("Refused a bearer token from {} ({})", via.remote(), via.protocol());
            return refused("the bearer token is not valid");
        }
        return CompletableFuture.completedStage(identity);
    }

    private CompletionStage<Identity> check(Credentials.Password shown, ConnectionInfo via) {
        Login login = Login.of(salt, shown.user(), shown.password());
        Optional<Identity> known = recent.find(login);
        if (known.isPresent()) {
            return CompletableFuture.completedStage(known.get());
        }
        CompletableFuture<Identity> mine = new CompletableFuture<>();
        CompletableFuture<Identity> other = inProgress.putIfAbsent(login, mine);
        if (other != null) {
            return other.minimalCompletionStage();
        }
        try {
            hashing.execute(() -> compare(login, shown, via, mine));
        } catch (RejectedExecutionException e) {
            inProgress.remove(login);
            mine.completeExceptionally(rejected());
        }
        return mine.minimalCompletionStage();
    }

    private void compare(
            Login login, Credentials.Password shown, ConnectionInfo via, CompletableFuture<Identity> result) {
        try {
            User user = users.get(shown.user());
            // An unknown user costs the same time, so that names cannot be guessed one by one.
            boolean matches = (user == null ? nobody : user.secret()).matches(shown.password());
            if (user != null && matches) {
                Identity identity = new Identity(user.name(), user.roles());
                recent.add(login, identity);
                result.complete(identity);
            } else {
                log.debug("Refused user '{}' from {} ({})", shown.user(), via.remote(), via.protocol());
                result.completeExceptionally(unauthenticated("wrong user name or password"));
            }
        } catch (RuntimeException | Error e) {
            log.error("The password of user '{}' cannot be checked; see the cause", shown.user(), e);
            result.completeExceptionally(
                    new ResourceException(ErrorCode.INTERNAL, "the password cannot be checked; see the log", e));
        } finally {
            inProgress.remove(login, result);
        }
    }

    /** The TLS handshake has verified the chain: the subject's common name is the user's. */
    private CompletionStage<Identity> certified(Credentials.Certificate shown) {
        if (shown.chain().isEmpty()) {
            return refused("the client's certificate is missing");
        }
        X509Certificate own = shown.chain().getFirst();
        String subject = own.getSubjectX500Principal().getName();
        Optional<String> name = commonName(subject).filter(text -> !text.isBlank());
        if (name.isEmpty()) {
            return refused("the client's certificate has no common name (subject '" + subject + "')");
        }
        User user = users.get(name.get());
        return CompletableFuture.completedStage(new Identity(name.get(), user == null ? Set.of() : user.roles()));
    }

    private static Optional<String> commonName(String subject) {
        try {
            return new LdapName(subject)
                    .getRdns().reversed().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .findFirst();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }

    private static ResourceException unauthenticated(String message) {
        return new ResourceException(ErrorCode.UNAUTHENTICATED, message);
    }

    private static CompletionStage<Identity> refused(String message) {
        return CompletableFuture.failedStage(unauthenticated(message));
    }

    @Override
    public Set<String> mechanisms() {
        return mechanisms.keySet();
    }

    @Override
    public Exchange exchange(String mechanism, ConnectionInfo via) {
        HashFunction function = mechanisms.get(mechanism);
        if (function == null) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "the mechanism '" + mechanism + "' is not offered; log in with a user name and a password");
        }
        byte[] nonce = new byte[18];
        random.nextBytes(nonce);
        return new ScramExchange(
                function,
                name -> scramUser(function, name, via),
                Base64.getEncoder().encodeToString(nonce));
    }

    /** Finds a user for SCRAM on the threads for logins, since a password's hash may have to be made first. */
    private CompletionStage<ScramExchange.Known> scramUser(HashFunction function, String name, ConnectionInfo via) {
        CompletableFuture<ScramExchange.Known> found = new CompletableFuture<>();
        try {
            hashing.execute(() -> {
                try {
                    found.complete(scramUser(function, name));
                } catch (RuntimeException | Error e) {
                    log.error("The user '{}' from {} cannot be looked up; see the cause", name, via.remote(), e);
                    found.completeExceptionally(new ResourceException(
                            ErrorCode.INTERNAL, "the password cannot be checked; see the log", e));
                }
            });
        } catch (RejectedExecutionException e) {
            found.completeExceptionally(rejected());
        }
        return found.minimalCompletionStage();
    }

    private ScramExchange.Known scramUser(HashFunction function, String name) {
        User user = users.get(name);
        if (user != null) {
            return new ScramExchange.Known(
                    user.secret().hash(function), Optional.of(new Identity(user.name(), user.roles())));
        }
        // A name nobody has is given what looks like a user's, always the same, so that names cannot be guessed.
        List<User> all =
                users.values().stream().sorted(Comparator.comparing(User::name)).toList();
        Login made = Login.of(salt, name, "");
        PasswordHash like = all.get((int) Math.floorMod(made.a(), (long) all.size()))
                .secret()
                .hash(function);
        byte[] bytes = ByteBuffer.allocate(4 * Long.BYTES)
                .putLong(made.b())
                .putLong(made.c())
                .putLong(made.d())
                .putLong(made.a())
                .array();
        return new ScramExchange.Known(
                PasswordHash.unmatched(like, Arrays.copyOf(bytes, like.salt().length), bytes), Optional.empty());
    }

    private ResourceException rejected() {
        return hashing.isShutdown()
                ? new ResourceException(ErrorCode.UNAVAILABLE, "the host is stopping")
                : new ResourceException(ErrorCode.BUSY, "too many logins at once; try again later");
    }

    /** Stops checking: running checks end, waiting ones and new ones fail with {@link ErrorCode#UNAVAILABLE}. */
    @Override
    public void close() {
        hashing.shutdownNow();
        ResourceException stopping = new ResourceException(ErrorCode.UNAVAILABLE, "the host is stopping");
        inProgress.values().forEach(waiting -> waiting.completeExceptionally(stopping));
    }
}
