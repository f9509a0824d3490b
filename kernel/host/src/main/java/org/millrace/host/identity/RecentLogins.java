package org.millrace.host.identity;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.millrace.spi.identity.Identity;

/**
 * Remembers successful logins for a short while, so that a client that shows its password with every request (HTTP
 * Basic), or many with the same, cost one slow hash. Bounded: the login that was used longest ago goes first. Safe for
 * use by any thread; the lock is held for a look-up only.
 */
final class RecentLogins {
    private final int capacity;
    private final long lifetimeNanos;
    private final LongSupplier nanoTime;
    private final Map<Login, Remembered> logins = new LinkedHashMap<>(16, 0.75f, true);

    RecentLogins(int capacity, Duration lifetime, LongSupplier nanoTime) {
        this.capacity = capacity;
        this.lifetimeNanos = lifetime.toNanos();
        this.nanoTime = nanoTime;
    }

    Optional<Identity> find(Login login) {
        long now = nanoTime.getAsLong();
        synchronized (logins) {
            Remembered found = logins.get(login);
            if (found != null && now - found.since > lifetimeNanos) {
                logins.remove(login);
                found = null;
            }
            return found == null ? Optional.empty() : Optional.of(found.identity);
        }
    }

    void add(Login login, Identity identity) {
        long now = nanoTime.getAsLong();
        synchronized (logins) {
            logins.put(login, new Remembered(identity, now));
            if (logins.size() > capacity) {
                logins.remove(logins.keySet().iterator().next());
            }
        }
    }

    private record Remembered(Identity identity, long since) {}
}
