package org.millrace.plugin.amqp.connection;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Session;
import org.millrace.plugin.amqp.link.LinkHandler;
import org.millrace.spi.identity.ConnectionInfo;

/** A connection's sessions and links: begins and attaches what the client asks for, and ends it. Used by the event loop. */
final class Sessions {
    private final AmqpServer server;
    private final ConnectionView view;
    private final Attachment attachment;
    private final Map<Integer, Session> byChannel = new HashMap<>();
    private final Set<Link> links = Collections.newSetFromMap(new IdentityHashMap<>());

    Sessions(AmqpServer server, ConnectionView view, ConnectionInfo via) {
        this.server = server;
        this.view = view;
        this.attachment = new Attachment(server, view, via);
    }

    void begin(Session session, int channel) {
        byChannel.put(channel, session);
        long capacity = (long) server.config.sessionWindow()
                * server.config.maxFrameSize().bytes();
        session.setIncomingCapacity((int) Math.min(capacity, Integer.MAX_VALUE));
        session.open();
    }

    void attach(Link link, Unsettled unsettled) {
        links.add(link);
        attachment.attach(link, unsettled, links.size() <= server.config.maxLinks(), () -> links.contains(link));
    }

    void detach(Link link, boolean forGood) {
        over(link, forGood);
        if (link.getLocalState() == EndpointState.UNINITIALIZED) {
            link.open(); // its answer waited for another node; a detach answers an attach (AMQP 1.0 section 2.6.3)
        }
        if (link.getLocalState() != EndpointState.CLOSED) {
            if (forGood) {
                link.close();
            } else {
                link.detach();
            }
        }
        link.free();
    }

    private void over(Link link, boolean forGood) {
        links.remove(link);
        if (link.getContext() instanceof LinkHandler handler) {
            link.setContext(null);
            view.forget(handler);
            handler.ended(forGood);
        }
    }

    /** The client ended a session: its links are detached by that. */
    void end(Session session) {
        byChannel.values().remove(session);
        release(session);
        session.close();
        session.free();
    }

    /** Ends the session of a channel, whose client broke the rules. */
    void fail(int channel, ErrorCondition condition) {
        Session session = byChannel.remove(channel);
        if (session != null) {
            release(session);
            session.setCondition(condition);
            session.close();
        }
    }

    private void release(Session session) {
        for (Link link : List.copyOf(links)) {
            if (link.getSession() == session) {
                over(link, false);
                link.free();
            }
        }
    }

    /** The connection is over. */
    void releaseAll() {
        for (Link link : List.copyOf(links)) {
            over(link, false);
        }
    }
}
