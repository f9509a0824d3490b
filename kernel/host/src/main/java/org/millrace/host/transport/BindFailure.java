package org.millrace.host.transport;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;

/** Says in an operator's words why an address could not be bound. */
final class BindFailure {
    private BindFailure() {}

    static IOException explain(String pluginId, InetSocketAddress address, Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        String portKey = pluginId + ".port";
        String why;
        if (message.contains("in use")) {
            why = "address in use (free the port, or set " + portKey + " to another)";
        } else if (message.contains("permission")) {
            why = "permission denied (ports below 1024 need a privilege; set " + portKey + " to a higher one)";
        } else if (message.contains("assign")) {
            why = "no network interface has this address (set " + pluginId + ".bind, or bind)";
        } else {
            why = cause.getMessage() + " (set " + portKey + " or " + pluginId + ".bind)";
        }
        return new IOException("cannot bind " + NetUtil.toSocketAddressString(address) + ", " + why, cause);
    }
}
