package org.millrace.plugin.amqp.connection;

import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.mapping.Conditions;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Answers attaches: finds out what a link's termini mean, grants what can be granted and says so, or refuses the link
 * and nothing else. Used by the connection's event loop.
 */
final class Attachment {
    static final Symbol[] CAPABILITIES = {Symbol.valueOf("ANONYMOUS-RELAY"), Symbol.valueOf("SHARED-SUBS")};
    static final Map<Symbol, Object> PROPERTIES = Map.of(Symbol.valueOf("product"), "millrace");

    private final AmqpServer server;
    private final LinkHost host;
    private final Targets targets;
    private final Sources sources;

    Attachment(AmqpServer server, LinkHost host, ConnectionInfo via) {
        this.server = server;
        this.host = host;
        this.targets = new Targets(server, host, via);
        this.sources = new Sources(server, host, via);
    }

    /**
     * Answers an attach, at once or when other nodes have let go of what it asks for.
     *
     * @param unsettled the deliveries the client holds for unsettled
     * @param allowed whether the connection may have another link
     * @param isThere whether the link is still there, if the answer comes later
     */
    void attach(Link link, Unsettled unsettled, boolean allowed, BooleanSupplier isThere) {
        Optional<String> key = allowed && link instanceof Sender sender && server.groups.isClustered()
                ? sources.durableKey(sender)
                : Optional.empty();
        if (key.isEmpty()) {
            attach(link, unsettled, allowed);
            return;
        }
        server.groups
                .fetch(key.get())
                .thenRunAsync(
                        () -> {
                            if (isThere.getAsBoolean()) {
                                attach(link, unsettled, true);
                                host.wake();
                            }
                        },
                        host.eventLoop());
    }

    private void attach(Link link, Unsettled unsettled, boolean allowed) {
        try {
            if (!allowed) {
                throw new ResourceException(
                        ErrorCode.QUOTA_EXCEEDED,
                        "a connection may have " + server.config.maxLinks() + " links (amqp.max-links)");
            }
            switch (link) {
                case Receiver receiver -> targets.attach(receiver, unsettled);
                case Sender sender -> sources.attach(sender, unsettled);
                default -> throw new IllegalStateException("neither sender nor receiver");
            }
        } catch (ResourceException e) {
            refuse(link, Conditions.of(e));
        }
    }

    /** Attaches without a terminus and detaches with the reason (AMQP 1.0 section 2.6.3). */
    private void refuse(Link link, ErrorCondition condition) {
        host.refused();
        if (link instanceof Receiver) {
            link.setSource(link.getRemoteSource());
            link.setTarget(null);
        } else {
            link.setSource(null);
            link.setTarget(link.getRemoteTarget());
        }
        link.open();
        link.setCondition(condition);
        link.close();
        host.wake();
    }
}
