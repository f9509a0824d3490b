package org.millrace.host.config;

import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;

/**
 * One port for all protocols, beside the ports that they have of their own.
 *
 * @param listener address, TLS and limits; without a port there is no such listener
 * @param plainBesideTls whether a listener with a certificate takes connections without TLS as well
 */
public record SharedConfig(
        @Setting(inline = true) ListenerSettings listener,

        @Setting(value = "false", doc = "dangerous: with a certificate, take unencrypted connections too")
        boolean plainBesideTls) {
    /**
     * Whether there is to be a shared port.
     *
     * @return true if a port is set
     */
    public boolean isOn() {
        return listener.port() >= 0;
    }
}
