package org.millrace.host.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.DatagramSettings;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.TlsSettings;

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
    InetSocketAddress resolve(String pluginId, ListenerSettings settings) {
        TlsSettings tls = settings.tls();
        boolean clientCertificates = tls.isEnabled() && !tls.clientCa().isEmpty();
        return resolve(
                pluginId,
                settings.bind(),
                settings.port(),
                clientCertificates,
                " (or " + pluginId + ".tls.client-ca to ask for certificates)");
    }

    /**
     * Finds the address of a listener for datagrams.
     *
     * @throws ConfigurationException if it cannot be resolved, or may not be listened on
     */
    InetSocketAddress resolve(String pluginId, DatagramSettings settings) {
        return resolve(pluginId, settings.bind(), settings.port(), false, "");
    }

    private InetSocketAddress resolve(
            String pluginId, String bind, int port, boolean clientCertificates, String otherRemedy) {
        boolean own = !bind.isBlank();
        String host = own ? bind.strip() : defaultAddress;
        String key = own ? pluginId + ".bind" : "bind";
        if (port < 0) {
            throw new ConfigurationException(pluginId + ".port: this listener has no default port; set one");
        }
        InetAddress address = address(key, host);
        if (!address.isLoopbackAddress() && !authenticated && !clientCertificates && !allowAnonymous) {
            throw new ConfigurationException(key + ": listening on " + host + " would let everybody on the network read"
                    + " and write everything, for no authentication is configured. Set auth.users" + otherRemedy
                    + ", or bind 127.0.0.1, or, if that is really meant, auth.allow-anonymous: true");
        }
        return new InetSocketAddress(address, port);
    }

    /**
     * Checks the host's own address before anything is opened: a host that would refuse every listener must not seem to
     * have started.
     *
     * @throws ConfigurationException if it cannot be resolved, or would let everybody in
     */
    public void checkDefaultAddress() {
        InetAddress address = address("bind", defaultAddress);
        if (!address.isLoopbackAddress() && !authenticated && !allowAnonymous) {
            throw new ConfigurationException("bind: listening on " + defaultAddress + " would let everybody on the"
                    + " network read and write everything, for no authentication is configured. Set auth.users, or bind"
                    + " 127.0.0.1, or, if that is really meant, auth.allow-anonymous: true. A listener that asks for"
                    + " client certificates can have an address of its own, such as mqtt.bind");
        }
    }

    private static InetAddress address(String key, String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new ConfigurationException(key + ": '" + host + "' is no address of this machine and cannot be"
                    + " resolved; write for example 127.0.0.1, or 0.0.0.0 for all interfaces");
        }
    }
}
