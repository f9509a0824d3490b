package org.millrace.host.transport;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a private key belongs to a certificate. TLS itself finds that out in each handshake only, and then the other
 * side has the error.
 */
final class KeyPairs {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");

    private KeyPairs() {}

    /**
     * Signs something with the key and verifies it with the certificate.
     *
     * @param certificate a PEM file whose first certificate is meant
     * @param key a PEM file with the key, PKCS#8
     * @throws GeneralSecurityException if the key belongs to another certificate, or is none
     */
    static void requireMatch(File certificate, File key) throws IOException, GeneralSecurityException {
        PublicKey shown;
        try (InputStream pem = Files.newInputStream(certificate.toPath())) {
            shown = CertificateFactory.getInstance("X.509")
                    .generateCertificate(pem)
                    .getPublicKey();
        }
        Matcher pem = PKCS8.matcher(Files.readString(key.toPath(), StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new GeneralSecurityException(key + " has no private key in PKCS#8");
        }
        byte[] proof = new byte[32];
        Signature signature = Signature.getInstance(
                switch (shown.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> shown.getAlgorithm();
                });
        try {
            PrivateKey secret = KeyFactory.getInstance(shown.getAlgorithm())
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
            signature.initSign(secret);
            signature.update(proof);
            byte[] signed = signature.sign();
            signature.initVerify(shown);
            signature.update(proof);
            if (signature.verify(signed)) {
                return;
            }
        } catch (InvalidKeySpecException e) {
            throw other(certificate, key, e);
        }
        throw other(certificate, key, null);
    }

    private static GeneralSecurityException other(File certificate, File key, @Nullable Exception cause) {
        return new GeneralSecurityException(
                "the key in " + key + " belongs to another certificate than " + certificate, cause);
    }
}
