package org.millrace.host.plugin;

/**
 * Why a plugin does not run. Text only: an exception of the plugin's would keep its class loader in memory.
 *
 * @param phase what the host was doing
 * @param reason what happened; names the thing and the value
 * @param remedy what the operator can do; empty if the reason says it already
 */
public record PluginFailure(PluginPhase phase, String reason, String remedy) {}
