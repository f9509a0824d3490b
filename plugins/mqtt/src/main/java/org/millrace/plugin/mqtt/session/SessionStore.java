package org.millrace.plugin.mqtt.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Where sessions are in the plugin's store: {@code session/<client>} is the header, and what it names by its generation
 * is below {@code of/<generation>/}: {@code will}, {@code flight}, {@code sub/<number>}, {@code in/<packet id>}. A write
 * the host has no room for is tried again until it has. Safe for use by any thread.
 */
final class SessionStore {
    private static final String HEADER = "session/";
    private static final String PARTS = "of/";
    private static final int LONGEST_PLAIN_ID = 96;
    private static final long RETRY_MILLIS = 20;
    /** A power of two. */
    private static final int LOCKS = 64;

    private final PluginStore store;
    private final ScheduledExecutorService timer;
    /** What was begun last of each key, while it is under way. */
    private final ConcurrentHashMap<String, Act> latest = new ConcurrentHashMap<>();

    private final Object[] locks = new Object[LOCKS];
    private long lastGeneration;

    SessionStore(PluginContext context) {
        this.store = context.store();
        this.timer = context.scheduler();
        Arrays.setAll(locks, i -> new Object());
        this.lastGeneration = context.clock().millis() << 16;
    }

    /** A name no session has had. */
    synchronized String newGeneration(long nowMillis) {
        lastGeneration = Math.max(lastGeneration + 1, nowMillis << 16);
        return Long.toHexString(lastGeneration);
    }

    /** The number that a generation's name stands for; they ascend. */
    static long number(String generation) {
        return Long.parseUnsignedLong(generation, 16);
    }

    static String header(String clientId) {
        byte[] utf8 = clientId.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= LONGEST_PLAIN_ID) {
            return HEADER + Base64.getUrlEncoder().withoutPadding().encodeToString(utf8);
        }
        try {
            return HEADER + "~"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static String will(String generation) {
        return PARTS + generation + "/will";
    }

    static String flight(String generation) {
        return PARTS + generation + "/flight";
    }

    static String subscription(String generation, int number) {
        return PARTS + generation + "/sub/" + number;
    }

    static String received(String generation, int packetId) {
        return PARTS + generation + "/in/" + packetId;
    }

    CompletionStage<Void> put(String key, byte[] value) {
        return new Act(key, () -> store.put(key, value.clone())).begin();
    }

    CompletionStage<Void> remove(String key) {
        return new Act(key, () -> store.remove(key)).begin();
    }

    /** What is still to be tried of a key is not done any more: it is about to be written together with a record. */
    void supersede(String key) {
        synchronized (lock(key)) {
            latest.remove(key);
        }
    }

    private Object lock(String key) {
        return locks[key.hashCode() & LOCKS - 1];
    }

    /** Something to be done to a key. It is not done once something later has been, however often it has to be tried. */
    private final class Act {
        private final String key;
        private final Supplier<CompletionStage<Void>> attempt;
        private final CompletableFuture<Void> result = new CompletableFuture<>();

        Act(String key, Supplier<CompletionStage<Void>> attempt) {
            this.key = key;
            this.attempt = attempt;
        }

        CompletionStage<Void> begin() {
            CompletionStage<Void> done;
            synchronized (lock(key)) {
                latest.put(key, this);
                done = attempt.get();
            }
            done.whenComplete((nothing, failure) -> attempted(failure));
            return result;
        }

        private void tryAgain() {
            CompletionStage<Void> done;
            Act later;
            synchronized (lock(key)) {
                later = latest.get(key);
                done = later == this ? attempt.get() : CompletableFuture.completedStage(null);
            }
            if (later == this) {
                done.whenComplete((nothing, failure) -> attempted(failure));
            } else if (later == null) {
                result.complete(null);
            } else {
                later.result.whenComplete((nothing, failure) -> end(failure));
            }
        }

        private void attempted(@Nullable Throwable failure) {
            if (failure != null && ResourceException.from(failure).code() == ErrorCode.BUSY && !timer.isShutdown()) {
                timer.schedule(this::tryAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                end(failure);
            }
        }

        private void end(@Nullable Throwable failure) {
            latest.remove(key, this);
            if (failure == null) {
                result.complete(null);
            } else {
                result.completeExceptionally(ResourceException.from(failure));
            }
        }
    }

    Optional<byte[]> get(String key) {
        return store.get(key);
    }

    /** Shows all values whose key begins with a text. May block. */
    void forEach(String prefix, BiConsumer<String, byte[]> consumer) {
        store.forEach(prefix, consumer);
    }

    /** Shows the headers of all sessions, by their keys. May block. */
    void forEachHeader(BiConsumer<String, byte[]> headers) {
        store.forEach(HEADER, headers);
    }

    /** Shows the keys of all parts, each with the generation that names it. May block. */
    void forEachPart(BiConsumer<String, String> generationsAndKeys) {
        store.forEach(PARTS, (key, value) -> {
            int end = key.indexOf('/', PARTS.length());
            generationsAndKeys.accept(key.substring(PARTS.length(), end), key);
        });
    }

    /** A session's parts by the last of their keys, such as {@code sub/3}. May block. */
    Map<String, byte[]> readParts(String generation) {
        String folder = PARTS + generation + "/";
        Map<String, byte[]> parts = new HashMap<>();
        store.forEach(folder, (key, value) -> parts.put(key.substring(folder.length()), value));
        return parts;
    }

    /** Removes all that a generation names. May block. */
    void removeParts(String generation) {
        String folder = PARTS + generation + "/";
        Set<String> keys = new HashSet<>();
        // First what is still being written, for by the time the others are looked through it may be among them.
        latest.keySet().stream().filter(key -> key.startsWith(folder)).forEach(keys::add);
        store.forEach(folder, (key, value) -> keys.add(key));
        keys.forEach(this::remove);
    }
}
