package org.millrace.spi.plugin;

/**
 * One plugin's access to the {@link ExtensionPoint extension points}. Plugins may start in any order: an offer is shown
 * to consumers that come later, and a consumer sees the offers that were made before. Implemented by the host; safe for
 * use by any thread.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Extensions {
    /**
     * Offers something to whoever consumes the point.
     *
     * @param point where
     * @param extension what; used by threads of its consumers
     * @param <T> what is offered
     * @return closing it takes the offer back
     */
    <T> Registration offer(ExtensionPoint<T> point, T extension);

    /**
     * Uses what others offer.
     *
     * @param point where
     * @param consumer told of each offer, those made before first, one at a time
     * @param <T> what is offered
     * @return closing it ends the use
     */
    <T> Registration consume(ExtensionPoint<T> point, Consumer<T> consumer);

    /**
     * Told of offers as they come and go.
     *
     * @param <T> what is offered
     */
    interface Consumer<T> {
        /**
         * An offer is there.
         *
         * @param pluginId who offers it
         * @param extension what
         */
        void added(String pluginId, T extension);

        /**
         * An offer is gone and must not be used for new work.
         *
         * @param pluginId who offered it
         * @param extension what
         */
        void removed(String pluginId, T extension);
    }
}
