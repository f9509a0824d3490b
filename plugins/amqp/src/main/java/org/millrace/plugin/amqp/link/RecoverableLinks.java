package org.millrace.plugin.amqp.link;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * What became of the latest deliveries of links whose target outlives their connection, so that a client that attaches one
 * again learns it instead of sending the messages twice (AMQP 1.0 section 2.6.13). It is held in memory: a server that was
 * restarted knows nothing of it. Safe for use by any thread; only links that ask for it come here.
 */
public final class RecoverableLinks {
    private final int mostOfLink;
    private final int most;
    private final Map<Key, Kept> attached = new HashMap<>();
    /** Those that were detached longest ago are first. */
    private final LinkedHashMap<Key, Kept> detached = new LinkedHashMap<>();
    /** Links and their deliveries. */
    private int entries;

    /**
     * Whose link it is.
     *
     * @param user the client's name
     * @param container its container id
     * @param link the link's name
     */
    public record Key(String user, String container, String link) {}

    /** What is known of a link. */
    private static final class Kept {
        final LinkedHashMap<Binary, CompletableFuture<DeliveryState>> deliveries = new LinkedHashMap<>();
        Target target;
        Runnable stolen;

        Kept(Target target, Runnable stolen) {
            this.target = target;
            this.stolen = stolen;
        }
    }

    /**
     * Makes a registry without links.
     *
     * @param mostOfLink how many deliveries of one link are remembered
     * @param most how many links and deliveries in all; the links that were detached longest ago are forgotten first
     */
    public RecoverableLinks(int mostOfLink, int most) {
        this.mostOfLink = mostOfLink;
        this.most = most;
    }

    /**
     * The target a link had.
     *
     * @param key whose link
     * @return as the client asked for it, if the link is remembered
     */
    public synchronized Optional<Target> target(Key key) {
        return Optional.ofNullable(attached.getOrDefault(key, detached.get(key)))
                .map(kept -> kept.target);
    }

    /**
     * Attaches a link, and takes it from whoever has it attached.
     *
     * @param key whose link
     * @param target what the client asked for
     * @param claimed the deliveries the client holds for unsettled; others are forgotten
     * @param stolen called by any thread when the link is attached elsewhere
     * @return the link
     */
    public RecoverableLink attach(Key key, Target target, Set<Binary> claimed, Runnable stolen) {
        Runnable before = null;
        Kept kept;
        synchronized (this) {
            kept = attached.get(key);
            if (kept != null) {
                before = kept.stolen;
            } else {
                kept = detached.remove(key);
                if (kept == null) {
                    kept = new Kept(target, stolen);
                    entries++;
                }
                attached.put(key, kept);
            }
            kept.target = target;
            kept.stolen = stolen;
            entries -= kept.deliveries.size();
            kept.deliveries.keySet().retainAll(claimed);
            entries += kept.deliveries.size();
        }
        if (before != null) {
            before.run();
        }
        return new Attached(key, kept, stolen);
    }

    private synchronized boolean makeRoom(Kept kept) {
        while (entries >= most && !detached.isEmpty()) {
            Iterator<Kept> eldest = detached.values().iterator();
            entries -= 1 + eldest.next().deliveries.size();
            eldest.remove();
        }
        if (!kept.deliveries.isEmpty() && (entries >= most || kept.deliveries.size() >= mostOfLink)) {
            kept.deliveries.remove(kept.deliveries.firstEntry().getKey());
            entries--;
        }
        return entries < most;
    }

    /** One attachment of a link. */
    private final class Attached implements RecoverableLink {
        private final Key key;
        private final Kept kept;
        private final Runnable stolen;

        Attached(Key key, Kept kept, Runnable stolen) {
            this.key = key;
            this.kept = kept;
            this.stolen = stolen;
        }

        @Override
        public Map<Binary, @Nullable DeliveryState> known() {
            synchronized (RecoverableLinks.this) {
                Map<Binary, @Nullable DeliveryState> known = new HashMap<>();
                kept.deliveries.forEach((tag, outcome) -> known.put(tag, outcome.getNow(null)));
                return known;
            }
        }

        @Override
        public Optional<CompletionStage<DeliveryState>> find(Binary tag) {
            synchronized (RecoverableLinks.this) {
                return Optional.ofNullable(kept.deliveries.get(tag));
            }
        }

        @Override
        public CompletableFuture<DeliveryState> begin(Binary tag) {
            CompletableFuture<DeliveryState> outcome = new CompletableFuture<>();
            synchronized (RecoverableLinks.this) {
                forget(tag);
                if (makeRoom(kept)) {
                    kept.deliveries.put(tag, outcome);
                    entries++;
                }
            }
            return outcome;
        }

        @Override
        public void forget(Binary tag) {
            synchronized (RecoverableLinks.this) {
                if (kept.deliveries.remove(tag) != null) {
                    entries--;
                }
            }
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // each attachment has its own
        public void detach(boolean forGood) {
            synchronized (RecoverableLinks.this) {
                if (kept.stolen != stolen || !attached.remove(key, kept)) {
                    return; // it is another attachment's by now
                }
                if (forGood) {
                    entries -= 1 + kept.deliveries.size();
                } else {
                    detached.put(key, kept);
                }
            }
        }
    }
}
