package org.millrace.plugin.amqp.link;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/** The deliveries of a link that may be attached again. Safe for use by any thread. */
public interface RecoverableLink {
    /**
     * The deliveries that are known.
     *
     * @return by their tags, with their outcome if there is one by now
     */
    Map<Binary, @Nullable DeliveryState> known();

    /**
     * Looks for a delivery.
     *
     * @param tag its tag
     * @return its outcome, now or later and by any thread; empty if it is not known
     */
    Optional<CompletionStage<DeliveryState>> find(Binary tag);

    /**
     * Remembers a new delivery.
     *
     * @param tag its tag
     * @return to be completed with its outcome, also when the link is detached meanwhile
     */
    CompletableFuture<DeliveryState> begin(Binary tag);

    /**
     * The client knows what became of a delivery.
     *
     * @param tag its tag
     */
    void forget(Binary tag);

    /**
     * The link is no longer attached.
     *
     * @param forGood whether it is not to be attached again
     */
    void detach(boolean forGood);
}
