package org.millrace.plugin.amqp.feed;

import java.util.List;
import org.millrace.spi.plugin.PluginStore;

/**
 * Items that are being accepted in a transaction: nothing else happens to them until it is decided. Used by the event loop
 * of the receiver's connection.
 */
public interface Retirement {
    /** Of a feed that keeps no place. */
    Retirement WITHOUT_PLACE = new Retirement() {
        @Override
        public List<PluginStore.Update> beside() {
            return List.of();
        }

        @Override
        public void decide(boolean committed) {}
    };

    /**
     * What has to be written with the transaction, so that the items do not come again after a crash.
     *
     * @return values for the plugin's store
     */
    List<PluginStore.Update> beside();

    /**
     * Tells how the transaction ended. Called once.
     *
     * @param committed whether the items are settled
     */
    void decide(boolean committed);
}
