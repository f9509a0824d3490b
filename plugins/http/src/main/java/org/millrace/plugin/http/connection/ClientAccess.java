package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/**
 * Who the client of a connection is, and its view of the records. Credentials come with each request but are checked
 * only when they change or have aged. Used on the event loop only.
 */
final class ClientAccess {
    private final PluginContext context;
    private final Channel channel;
    private final ConnectionInfo via;
    private final long lifetimeNanos;

    private @Nullable String checked;
    private long checkedAt;
    private @Nullable Resources view;

    ClientAccess(PluginContext context, Channel channel, ConnectionInfo via, long lifetimeNanos) {
        this.context = context;
        this.channel = channel;
        this.via = via;
        this.lifetimeNanos = lifetimeNanos;
    }

    /** The view of whoever was let in last; null before. */
    @Nullable
    Resources view() {
        return view;
    }

    /** Whether a request comes with the credentials that were checked last, and lately. */
    boolean isCurrent(HttpHeaders headers) {
        return view != null
                && Objects.equals(checked, headers.get(HttpHeaderNames.AUTHORIZATION))
                && System.nanoTime() - checkedAt < lifetimeNanos;
    }

    /**
     * Checks a request's credentials.
     *
     * @return completes on any thread
     * @throws ResourceException {@link ErrorCode#UNAUTHENTICATED} for credentials that cannot be read
     */
    CompletionStage<Identity> check(HttpHeaders headers) {
        return context.authenticator().authenticate(credentials(headers), via);
    }

    /** Lets a client in whose credentials were found good. */
    void admit(HttpHeaders headers, Identity identity) {
        checked = headers.get(HttpHeaderNames.AUTHORIZATION);
        checkedAt = System.nanoTime();
        if (view == null || !view.identity().equals(identity)) {
            close();
            view = context.resources(identity, via, channel.eventLoop());
        }
    }

    void close() {
        if (view != null) {
            view.close();
            view = null;
        }
    }

    private Credentials credentials(HttpHeaders headers) {
        List<String> fields = headers.getAll(HttpHeaderNames.AUTHORIZATION);
        if (fields.isEmpty()) {
            return certificate();
        }
        String field = fields.getFirst();
        int space = field.indexOf(' ');
        String scheme = space < 0 ? field : field.substring(0, space);
        String rest = space < 0 ? "" : field.substring(space + 1).strip();
        if (fields.size() == 1 && scheme.equalsIgnoreCase("Basic")) {
            return basic(rest);
        }
        if (fields.size() == 1 && scheme.equalsIgnoreCase("Bearer") && !rest.isEmpty()) {
            return new Credentials.Bearer(rest);
        }
        throw new ResourceException(
                ErrorCode.UNAUTHENTICATED, "the Authorization field must be Basic or Bearer credentials");
    }

    private static Credentials basic(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            if (colon >= 0) {
                return new Credentials.Password(pair.substring(0, colon), pair.substring(colon + 1));
            }
        } catch (IllegalArgumentException e) {
            throw new ResourceException(ErrorCode.UNAUTHENTICATED, "the Basic credentials are no Base64");
        }
        throw new ResourceException(ErrorCode.UNAUTHENTICATED, "the Basic credentials have no colon");
    }

    private Credentials certificate() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Credentials.NONE;
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return new Credentials.Certificate(Arrays.stream(chain)
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList());
        } catch (SSLPeerUnverifiedException e) {
            // The ordinary case: the client showed no certificate.
            return Credentials.NONE;
        }
    }
}
