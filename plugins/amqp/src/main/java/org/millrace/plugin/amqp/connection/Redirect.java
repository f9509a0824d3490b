package org.millrace.plugin.amqp.connection;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.ConnectionError;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.spi.plugin.ConfigurationException;

/** Where clients go when this host stops (AMQP 1.0 section 2.8.16): a setting, since the host knows no addresses of others. */
final class Redirect {
    private static final Symbol HOST_NAME = Symbol.valueOf("hostname");
    private static final Symbol NETWORK_HOST = Symbol.valueOf("network-host");
    private static final Symbol PORT = Symbol.valueOf("port");

    private Redirect() {}

    /** {@code amqp:connection:redirect} if there is somewhere to go, else {@code amqp:connection:forced}. */
    static ErrorCondition orForced(AmqpConfig config, String reason) {
        String to = config.redirect();
        if (to.isEmpty()) {
            return new ErrorCondition(ConnectionError.CONNECTION_FORCED, reason);
        }
        int colon = to.lastIndexOf(':');
        Map<Symbol, Object> info = new HashMap<>();
        info.put(HOST_NAME, to.substring(0, colon));
        info.put(NETWORK_HOST, to.substring(0, colon));
        info.put(PORT, Integer.valueOf(to.substring(colon + 1)));
        ErrorCondition condition = new ErrorCondition(ConnectionError.REDIRECT, reason + "; go on at " + to);
        condition.setInfo(info);
        return condition;
    }

    /**
     * Checks the setting.
     *
     * @throws ConfigurationException if it is no host and port
     */
    static void check(AmqpConfig config) {
        if (!config.redirect().isEmpty() && !config.redirect().matches(".+:\\d{1,5}")) {
            throw new ConfigurationException("amqp.redirect: '" + config.redirect()
                    + "' is not a host and a port; write for example b.example:5672, or nothing");
        }
    }
}
