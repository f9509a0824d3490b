package org.millrace.examples.redis;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Contents;

/** All commands by name. Immutable; shared by all connections. */
final class Commands {
    private final Map<String, CommandSpec> byName = new HashMap<>();

    Commands(Keys keys, Contents contents, Clock clock) {
        new KeyCommands(keys, clock).addTo(byName);
        new StringCommands(keys, contents, clock).addTo(byName);
        new HashCommands(keys, contents).addTo(byName);
        new ChannelCommands(keys, contents).addTo(byName);
        new ServerCommands().addTo(byName);
        new TransactionCommands().addTo(byName);
    }

    @Nullable
    CommandSpec find(String name) {
        return byName.get(name);
    }
}
