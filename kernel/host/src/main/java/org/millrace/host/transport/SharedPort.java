package org.millrace.host.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.TlsSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One port for all protocols that plugins offer: each connection goes to the protocol that TLS has negotiated (RFC 7301),
 * or else to the one that knows the connection's first bytes as its own. When a plugin takes its protocol back, the
 * connections of that protocol are closed and the others go on. Safe for use by any thread.
 */
public final class SharedPort implements StreamProtocol, Extensions.Consumer<StreamProtocol> {
    private static final Logger log = LoggerFactory.getLogger(SharedPort.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Duration timeout;
    private final OncePerMinute strangers = new OncePerMinute();
    private volatile List<Carried> carried = List.of();
    private volatile @Nullable TlsSettings tls;
    private volatile @Nullable SslContext certificate;

    /** A protocol, and its connections by this port. */
    record Carried(String pluginId, StreamProtocol protocol, ChannelGroup connections) {}

    /**
     * Starts without protocols.
     *
     * @param timeout how long a connection may take to be recognised
     */
    public SharedPort(Duration timeout) {
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return "shared";
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        channel.pipeline().addLast(new ProtocolChoice(this, via, timeout));
    }

    /** Whether the bytes are those of one of the protocols, for who is sent away before it is given to one. */
    @Override
    public Recognition recognize(ByteBuf head) {
        Recognition best = Recognition.NO;
        for (Carried each : carried) {
            switch (each.protocol.recognize(head)) {
                case YES -> {
                    return Recognition.YES;
                }
                case MORE -> best = Recognition.MORE;
                case NO -> {
                    // Another may know it.
                }
            }
        }
        return best;
    }

    @Override
    public byte[] refuseWithoutTls(ByteBuf head) {
        for (Carried each : carried) {
            if (each.protocol.recognize(head) == Recognition.YES) {
                return each.protocol.refuseWithoutTls(head);
            }
        }
        return new byte[0];
    }

    /** The protocols there are now; the earliest offered comes first. */
    List<Carried> carried() {
        return carried;
    }

    /** What TLS can negotiate with the protocols there are now. */
    @Override
    public Set<String> alpn() {
        Set<String> names = new LinkedHashSet<>();
        carried.forEach(each -> names.addAll(each.protocol.alpn()));
        return names;
    }

    /** Reads a certificate, and from then on again whenever other protocols are to be negotiated with it. */
    Supplier<SslContext> negotiate(TlsSettings settings) {
        tls = settings;
        certificate = TlsContext.read(name() + ".tls", settings, alpn());
        return () -> Objects.requireNonNull(certificate);
    }

    private void negotiateAnew() {
        TlsSettings settings = tls;
        if (settings != null) {
            try {
                certificate = TlsContext.read(name() + ".tls", settings, alpn());
            } catch (ConfigurationException e) {
                log.warn(
                        "The shared port goes on with the certificate and the protocols it negotiated before: {}",
                        e.getMessage());
            }
        }
    }

    @Override
    public synchronized void added(String pluginId, StreamProtocol protocol) {
        List<Carried> all = new ArrayList<>(carried);
        all.add(new Carried(
                pluginId,
                protocol,
                new DefaultChannelGroup("shared-" + protocol.name(), GlobalEventExecutor.INSTANCE, true)));
        carried = List.copyOf(all);
        negotiateAnew();
    }

    @Override
    public void removed(String pluginId, StreamProtocol protocol) {
        List<Carried> gone;
        synchronized (this) {
            gone = carried.stream()
                    .filter(each -> each.protocol == protocol && each.pluginId.equals(pluginId))
                    .toList();
            List<Carried> left = new ArrayList<>(carried);
            left.removeAll(gone);
            carried = List.copyOf(left);
            negotiateAnew();
        }
        for (Carried each : gone) {
            if (!each.connections.close().awaitUninterruptibly(PATIENCE.toMillis())) {
                log.warn(
                        "{} connections of {} by the shared port did not close within {} s and are left to the system;"
                                + " look for a handler of plugin {} that blocks its event loop",
                        each.connections.size(),
                        protocol.name(),
                        PATIENCE.toSeconds(),
                        pluginId);
            }
        }
    }

    /** Nobody knows a connection's first bytes. */
    void stranger(String peer, String beginning) {
        long count = strangers.countAndTake();
        if (count > 0) {
            log.warn(
                    "{} connection(s) to the shared port were closed, the last of {}: it began with {}, which none of"
                            + " the protocols here does ({}). Check that the client means this port, and that the"
                            + " plugin of its protocol is started",
                    count,
                    peer,
                    beginning,
                    String.join(
                            ", ",
                            carried.stream().map(each -> each.protocol.name()).toList()));
        }
    }
}
