package org.millrace.host.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.ListenerSettings;

/**
 * Where listeners may be opened: a host that would let everybody in stays on loopback.
 *
 * @param defaultAddress the address of listeners that name none
 * @param authenticated whether clients have to show who they are
 * @param allowAnonymous whether the operator has said that everybody may come in from the network
 */
public record BindRule(String defaultAddress, boolean authenticated, boolean allowAnonymous) {
    /**
     * Finds a listener's address.
     *
     * @throws ConfigurationException if it cannot be resolved, or may not be listened on
     */
    InetSocketAddress resolve(String pluginId, ListenerSettings settings, boolean datagrams) {
        boolean own = !settings.bind().isBlank();
        String host = own ? settings.bind().strip() : defaultAddress;
        String key = own ? pluginId + ".bind" : "bind";
        if (settings.port() < 0) {
            throw new ConfigurationException(pluginId + ".port: this listener has no default port; set one");
        }
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new ConfigurationException(key + ": '" + host + "' is no address of this machine and cannot be"
                    + " resolved; write for example 127.0.0.1, or 0.0.0.0 for all interfaces");
        }
        boolean clientCertificates =
                settings.tls().isEnabled() && !settings.tls().clientCa().isEmpty() && !datagrams;
        if (!address.isLoopbackAddress() && !authenticated && !clientCertificates && !allowAnonymous) {
            throw new ConfigurationException(key + ": listening on " + host + " would let everybody on the network read"
                    + " and write everything, for no authentication is configured. Set auth.users (or "
                    + pluginId + ".tls.client-ca to ask for certificates), or bind 127.0.0.1, or, if that is really"
                    + " meant, auth.allow-anonymous: true");
        }
        return new InetSocketAddress(address, settings.port());
    }
}
