package org.millrace.examples.coap;

import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.InMemoryMessageExchangeStore;
import org.eclipse.californium.core.network.RandomTokenGenerator;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;

/** Sets Californium up so that nothing in it grows without bound, and nothing reads or writes files of its own. */
final class Stack {
    private Stack() {}

    static Configuration configuration(CoapSettings settings) {
        Configuration set = new Configuration(SystemConfig.DEFINITIONS, CoapConfig.DEFINITIONS);
        set.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, settings.maxBody().toIntSaturated());
        set.set(CoapConfig.PREFERRED_BLOCK_SIZE, settings.blockSize());
        set.set(CoapConfig.MAX_MESSAGE_SIZE, settings.blockSize());
        // Here it bounds the blockwise transfers; what else it would bound is replaced below.
        set.set(CoapConfig.MAX_ACTIVE_PEERS, settings.maxTransfers());
        set.set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, settings.transferTimeout().toMillis(), TimeUnit.MILLISECONDS);
        set.set(CoapConfig.BLOCKWISE_STRICT_BLOCK1_OPTION, true);
        set.set(CoapConfig.MAX_SERVER_OBSERVES, settings.maxObservers());
        set.set(CoapConfig.ACK_TIMEOUT, settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS);
        set.set(CoapConfig.MAX_RETRANSMIT, settings.maxRetransmit());
        // What was sent is kept as it was sent, for repetition, and not its content beside it.
        set.set(CoapConfig.USE_MESSAGE_OFFLOADING, true);
        return set;
    }

    static CoapEndpoint endpoint(CoapSettings settings, Configuration set, DatagramConnector connector) {
        InMemoryMessageExchangeStore exchanges =
                new InMemoryMessageExchangeStore("coap", set, new RandomTokenGenerator(set));
        exchanges.setDeduplicator(new RecentRequests(
                settings.maxRemembered(), set.get(CoapConfig.EXCHANGE_LIFETIME, TimeUnit.NANOSECONDS)));
        exchanges.setMessageIdProvider(new MessageIds());
        return CoapEndpoint.builder()
                .setConfiguration(set)
                .setConnector(connector)
                .setMessageExchangeStore(exchanges)
                .build();
    }
}
