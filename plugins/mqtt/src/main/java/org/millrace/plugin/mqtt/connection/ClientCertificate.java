package org.millrace.plugin.mqtt.connection;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.millrace.spi.identity.Credentials;

/** The certificate a TLS client has shown, for clients that give no user name. */
final class ClientCertificate {
    private ClientCertificate() {}

    /**
     * What identifies a client.
     *
     * @param channel its connection
     * @param shown what CONNECT holds
     * @return what CONNECT holds, or the certificate if that is nothing and there is one
     */
    static Credentials or(Channel channel, Credentials shown) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (shown != Credentials.NONE || tls == null) {
            return shown;
        }
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
        } catch (SSLPeerUnverifiedException noCertificate) {
            return shown;
        }
        return chain.isEmpty() ? shown : new Credentials.Certificate(chain);
    }
}
