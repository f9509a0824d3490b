package org.millrace.plugin.amqp.connection;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.millrace.spi.identity.Credentials;

/** The certificate a TLS client has shown, for SASL EXTERNAL and for clients without SASL. */
final class ClientCertificate {
    private ClientCertificate() {}

    /**
     * What the TLS layer knows of a client.
     *
     * @param channel its connection
     * @return the certificate, or {@link Credentials#NONE}
     */
    static Credentials of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Credentials.NONE;
        }
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
        } catch (SSLPeerUnverifiedException noCertificate) {
            return Credentials.NONE;
        }
        return chain.isEmpty() ? Credentials.NONE : new Credentials.Certificate(chain);
    }
}
