package org.millrace.host.config;

import java.nio.file.Path;
import java.time.Duration;
import org.millrace.spi.plugin.Setting;

/**
 * The host's own keys: every top-level key of the configuration that is no plugin's section.
 *
 * @param bind the address of every listener that names none itself
 * @param data the directory of the journal and the store
 * @param eventLoops how many event loops there are
 * @param shutdownTimeout how long a stopping host waits for its clients and plugins
 * @param log the log
 * @param limits what clients may send
 * @param journal the change journal
 * @param store the record store
 * @param subscriptions the bounds of subscriptions
 * @param queries what one query may cost
 * @param tables how tables come into being
 * @param plugins where plugins are and how long they may take
 * @param auth who may connect
 * @param cluster other nodes with the same records
 * @param shared one port for all protocols
 */
public record HostConfig(
        @Setting(value = "127.0.0.1", doc = "address of every listener that names none itself")
        String bind,

        @Setting(value = "data", doc = "directory of the journal and the store")
        Path data,

        @Setting(value = "0", min = 0, max = 1024, doc = "threads that serve connections; 0 for one a processor")
        int eventLoops,

        @Setting(value = "10s", min = 0, doc = "time a stopping host gives its clients and plugins")
        Duration shutdownTimeout,

        @Setting(doc = "the log, on standard error") LogConfig log,

        @Setting(doc = "what clients may send") LimitsConfig limits,

        @Setting(doc = "the change journal") JournalConfig journal,

        @Setting(doc = "the record store") StoreConfig store,

        @Setting(doc = "the bounds of subscriptions") SubscriptionsConfig subscriptions,

        @Setting(doc = "what one query may cost") QueriesConfig queries,

        @Setting(doc = "how tables come into being") TablesConfig tables,

        @Setting(doc = "where plugins are and how long they may take")
        PluginsConfig plugins,

        @Setting(doc = "who may connect") AuthConfig auth,

        @Setting(doc = "other nodes with the same records, over NATS")
        ClusterConfig cluster,

        @Setting(doc = "one port for all protocols, beside those they have of their own")
        SharedConfig shared) {}
