package org.millrace.examples.rules;

import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.CustomResource;

/** Turns readings into aggregates and alerts. It has no protocol of its own: every protocol reaches it. */
public final class RulesPlugin implements Plugin {
    /** Made by the host. */
    public RulesPlugin() {}

    @Override
    public void start(PluginContext context) {
        RulesConfig config = context.config(RulesConfig.class);
        context.extensions().offer(CustomResource.POINT, new Readings(context, config));
        context.extensions().offer(CustomResource.POINT, new Derived());
    }
}
