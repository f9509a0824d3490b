package org.millrace.plugin.mqtt.delivery;

import java.util.HashMap;
import java.util.Map;
import org.millrace.spi.resource.Path;

/**
 * The topic aliases a server uses on one connection: the first topics get one each, for as many as the client takes.
 * Used by the connection's event loop only.
 */
final class TopicAliases {
    private final int maximum;
    private final Map<Path, TopicAlias> known = new HashMap<>(0);

    TopicAliases(int maximum) {
        this.maximum = maximum;
    }

    /** The alias for the next packet to a topic; a new one holds from {@link #sent} on. */
    TopicAlias of(Path topic) {
        if (maximum == 0) {
            return TopicAlias.NONE;
        }
        TopicAlias alias = known.get(topic);
        if (alias != null) {
            return alias;
        }
        return known.size() < maximum ? new TopicAlias(known.size() + 1, false) : TopicAlias.NONE;
    }

    /** Notes that the client has seen the alias with its topic. */
    void sent(Path topic, TopicAlias alias) {
        if (alias != TopicAlias.NONE && !alias.replacesTopic()) {
            known.put(topic, new TopicAlias(alias.number(), true));
        }
    }
}
