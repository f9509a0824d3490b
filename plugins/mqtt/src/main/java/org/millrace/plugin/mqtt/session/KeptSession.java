package org.millrace.plugin.mqtt.session;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.Progress;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Cursor;

/**
 * The durable side of a session that outlives its connection, for as long as the connection lasts. Used by the
 * connection's event loop; stages complete there.
 */
public final class KeptSession implements Progress {
    private static final byte[] NOTHING = {};

    private final SessionStore store;
    private final String generation;
    private final Executor loop;
    private final Runnable changed;
    private volatile @Nullable Cursor earliest;

    /**
     * Makes one.
     *
     * @param changed told of changes that other nodes should know of
     */
    KeptSession(SessionStore store, String generation, Executor loop, @Nullable Cursor earliest, Runnable changed) {
        this.store = store;
        this.generation = generation;
        this.loop = loop;
        this.earliest = earliest;
        this.changed = changed;
    }

    /**
     * What the state is called.
     *
     * @return the generation
     */
    public String generation() {
        return generation;
    }

    /** The earliest change the session may need after a crash; null if none. Any thread may ask. */
    @Nullable
    Cursor earliest() {
        return earliest;
    }

    @Override
    public CompletionStage<Void> save(Flight flight) {
        return store.put(SessionStore.flight(generation), SessionCodec.flight(flight))
                .thenRunAsync(
                        () -> {
                            earliest = flight.earliest();
                            changed.run();
                        },
                        loop);
    }

    /**
     * Keeps a subscription.
     *
     * @param saved new, or with new options
     * @return completes when it is durable
     */
    public CompletionStage<Void> subscribed(Saved saved) {
        Cursor position = saved.place().position();
        if (earliest == null) {
            earliest = position;
        }
        return store.put(SessionStore.subscription(generation, saved.number()), SessionCodec.subscription(saved))
                .thenRunAsync(changed, loop);
    }

    /**
     * Forgets a subscription.
     *
     * @param number which
     * @return completes when that is durable
     */
    public CompletionStage<Void> unsubscribed(int number) {
        return store.remove(SessionStore.subscription(generation, number)).thenRunAsync(changed, loop);
    }

    /**
     * What is to be kept together with the write of a QoS 2 message, so that it is not written again.
     *
     * @param packetId the message's
     * @return the value to set
     */
    public PluginStore.Update received(int packetId) {
        changed.run();
        return new PluginStore.Update(SessionStore.received(generation, packetId), NOTHING);
    }

    /**
     * Forgets a QoS 2 message whose PUBREL came. PUBCOMP must wait for it: behind PUBCOMP the client uses the packet
     * identifier for another message.
     *
     * @param packetId the message's
     * @return completes when that is durable
     */
    public CompletionStage<Void> released(int packetId) {
        return store.remove(SessionStore.received(generation, packetId)).thenRunAsync(changed, loop);
    }
}
