package org.millrace.distribution.flaw;

import java.util.List;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.TopicFilter;

/** Has its say at {@code old/+}. The test takes {@code filters} away, as if the SPI had no such method when it was built. */
public final class DecidesByAnOlderSpi implements Plugin {
    @Override
    public void start(PluginContext context) {
        context.extensions().offer(CustomResource.POINT, new Decision());
    }

    /** Lets everything pass, by the methods' defaults. */
    static final class Decision implements CustomResource {
        @Override
        public List<TopicFilter> filters() {
            return List.of(TopicFilter.of("old/+"));
        }
    }
}
