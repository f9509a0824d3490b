package org.millrace.host.transport;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.ConfigurationException;

/** How this host is to know a server that it connects to with TLS, and to show who it is itself. Safe for any thread. */
public final class ClientTls {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private ClientTls() {}

    /**
     * Reads the files. Besides the server's certificate its name is checked, whatever the client that connects asks for.
     *
     * @param key where the settings stand: {@code KEY.certificate}, {@code KEY.key} and {@code KEY.authorities}
     * @param certificate a PEM file with this host's certificate chain; empty to show none
     * @param privateKey a PEM file with its private key (PKCS#8)
     * @param authorities a PEM file with the authorities that vouch for the server; empty for the machine's own
     * @return made of what the files have now
     * @throws ConfigurationException naming every file that cannot be used
     */
    public static SSLContext read(String key, String certificate, String privateKey, String authorities) {
        List<String> problems = new ArrayList<>();
        boolean shows = !certificate.isEmpty() || !privateKey.isEmpty();
        File chain = shows ? TlsContext.file(key + ".certificate", certificate, problems) : new File("");
        File secret = shows ? TlsContext.file(key + ".key", privateKey, problems) : new File("");
        File vouching =
                authorities.isEmpty() ? new File("") : TlsContext.file(key + ".authorities", authorities, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols(VERSIONS)
                .trustManager(new NamedServer(trusting(key, authorities.isEmpty() ? null : vouching)));
        try {
            if (shows) {
                builder.keyManager(chain, secret);
            }
            JdkSslContext context = (JdkSslContext) builder.build();
            if (shows) {
                KeyPairs.requireMatch(chain, secret);
            }
            return context.context();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw TlsContext.unusable(key, certificate + " and " + privateKey, e);
        }
    }

    private static X509ExtendedTrustManager trusting(String key, @Nullable File authorities) {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities == null ? null : store(authorities));
            return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigurationException(key + ".authorities: the certificates in "
                    + (authorities == null ? "the machine's trust store" : authorities) + " cannot be used: "
                    + e.getMessage()
                    + ". It names a PEM file of the authorities that signed the servers' certificates");
        }
    }

    private static KeyStore store(File authorities) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(authorities.toPath())) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("authority-" + number++, certificate);
            }
        }
        if (trusted.size() == 0) {
            throw new GeneralSecurityException("there are none");
        }
        return trusted;
    }
}
