package org.millrace.spi.transport;

import org.millrace.spi.plugin.Setting;

/**
 * A listener's TLS.
 *
 * @param certificate a PEM file with the certificate chain; empty for no TLS
 * @param key a PEM file with the private key (PKCS#8)
 * @param clientCa a PEM file with the authorities whose client certificates are accepted; empty to ask for none
 * @since 0.1
 */
public record TlsSettings(
        @Setting(doc = "PEM file with the certificate chain; empty for no TLS")
        String certificate,

        @Setting(doc = "PEM file with the private key (PKCS#8)")
        String key,

        @Setting(doc = "PEM file with the authorities of client certificates; empty to ask for none")
        String clientCa) {
    /**
     * Whether the listener uses TLS.
     *
     * @return true if a certificate is set
     */
    public boolean isEnabled() {
        return !certificate.isEmpty();
    }
}
