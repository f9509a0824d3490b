package org.millrace.spi.identity;

/**
 * Where a client comes from: for the log, for grants and for the source of changes.
 *
 * @param protocol the plugin's name for its protocol and version, for example {@code mqtt/5}
 * @param remote the client's address, as the log shows it
 * @param secure whether the connection is encrypted
 * @param clientId the name the client gave itself (MQTT client id, AMQP container id); empty if none
 * @since 0.1
 */
public record ConnectionInfo(String protocol, String remote, boolean secure, String clientId) {
    /**
     * This connection with a client's name.
     *
     * @param value the name
     * @return a new description
     */
    public ConnectionInfo withClientId(String value) {
        return new ConnectionInfo(protocol, remote, secure, value);
    }

    /**
     * This connection with another protocol's name.
     *
     * @param value the protocol and its version
     * @return a new description
     */
    public ConnectionInfo withProtocol(String value) {
        return new ConnectionInfo(value, remote, secure, clientId);
    }
}
