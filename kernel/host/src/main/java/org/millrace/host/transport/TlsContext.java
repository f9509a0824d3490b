package org.millrace.host.transport;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.TlsSettings;

/** Reads a listener's certificate, key and client authorities. */
final class TlsContext {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private TlsContext() {}

    /**
     * Reads the files.
     *
     * @param key where the settings stand, for example {@code mqtt.tls}
     * @param alpn protocols in the order of preference
     * @throws ConfigurationException naming every file that cannot be used
     */
    static SslContext read(String key, TlsSettings settings, Set<String> alpn) {
        List<String> problems = new ArrayList<>();
        File certificate = file(key + ".certificate", settings.certificate(), problems);
        File privateKey = file(key + ".key", settings.key(), problems);
        File clientCa =
                settings.clientCa().isEmpty() ? new File("") : file(key + ".client-ca", settings.clientCa(), problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forServer(certificate, privateKey).protocols(VERSIONS);
            if (!settings.clientCa().isEmpty()) {
                builder.trustManager(clientCa).clientAuth(ClientAuth.REQUIRE);
            }
            if (!alpn.isEmpty()) {
                builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        alpn));
            }
            SslContext context = builder.build();
            KeyPairs.requireMatch(certificate, privateKey);
            return context;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(
                    key,
                    settings.certificate() + " and " + settings.key()
                            + (settings.clientCa().isEmpty() ? "" : " and " + settings.clientCa()),
                    e);
        }
    }

    /** Says which files cannot be used, and how they must be. */
    static ConfigurationException unusable(String key, String files, Exception why) {
        Throwable cause = why.getCause() == null ? why : why.getCause();
        return new ConfigurationException(key + ": the files " + files + " cannot be used: " + cause.getMessage()
                + ". They must be PEM, the key unencrypted PKCS#8 (openssl pkcs8 -topk8 -nocrypt) and belonging to"
                + " the certificate");
    }

    /** A file that has to be there, or one problem more. */
    static File file(String key, String name, List<String> problems) {
        File file = new File(name);
        if (name.isEmpty()) {
            problems.add(key + " is not set; TLS needs a certificate and a key");
        } else if (!Files.isReadable(file.toPath())) {
            problems.add(key + ": " + file.getAbsolutePath()
                    + (file.exists() ? " cannot be read; check its permissions" : " does not exist"));
        }
        return file;
    }
}
