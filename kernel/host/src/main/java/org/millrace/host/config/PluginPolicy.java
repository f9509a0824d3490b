package org.millrace.host.config;

import org.millrace.spi.plugin.Setting;

/**
 * The keys of every plugin's section that the host itself goes by.
 *
 * @param disabled whether the plugin is left out
 * @param required whether the host refuses to start without it
 */
public record PluginPolicy(
        @Setting(value = "false", doc = "leave the plugin out")
        boolean disabled,

        @Setting(value = "false", doc = "refuse to start the host without the plugin")
        boolean required) {}
