package org.millrace.plugin.amqp.feed;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ResourceException;

/** A source of changes for one receiver. Used by the event loop of the receiver's connection. */
public interface Feed {
    /**
     * Asks for more. Demand adds up.
     *
     * @param n how many, at least 1
     */
    void request(long n);

    /**
     * Takes back demand that is not met yet, so that others may be served.
     *
     * @return false if that cannot be done: what was asked for may still come
     */
    boolean withdraw();

    /**
     * A delivery tag by which what becomes of an item can still be told when the link was attached again.
     *
     * @param item one that was offered
     * @return null if there is none: the item is delivered anew then
     */
    default byte @Nullable [] tag(Item item) {
        return null;
    }

    /**
     * Tells what became of an item.
     *
     * @param item one that was offered
     * @param outcome what became of it
     */
    void settle(Item item, Outcome outcome);

    /**
     * Sets items aside that are accepted in a transaction which is about to be committed.
     *
     * @param items ones that were offered
     * @return completes on the event loop; the transaction's end has to be told
     */
    default CompletionStage<Retirement> retire(List<Item> items) {
        return CompletableFuture.completedStage(Retirement.WITHOUT_PLACE);
    }

    /**
     * Asks whether everything there is by now was offered, as far as there was demand.
     *
     * @param answer called on the event loop, perhaps at once
     */
    void askIdle(Consumer<Boolean> answer);

    /**
     * Ends the flow. What was offered and not settled counts as not delivered.
     *
     * @param forGood whether a durable place is let go of
     */
    void close(boolean forGood);

    /** Receives what a feed brings, on its event loop. */
    interface Receiver {
        /**
         * A change, against one unit of demand.
         *
         * @param item to be settled by {@link Feed#settle}
         */
        void offer(Item item);

        /** A run of changes ends. */
        void batchEnd();

        /**
         * The feed ended, and not by {@link Feed#close}.
         *
         * @param reason why
         */
        void ended(ResourceException reason);

        /** Another receiver took this one's place. */
        void stolen();
    }
}
