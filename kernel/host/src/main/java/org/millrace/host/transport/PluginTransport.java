package org.millrace.host.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.transport.DatagramSettings;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.Transport;

/** One plugin's way to open listeners, and the end of all it has opened. */
public final class PluginTransport implements Transport, AutoCloseable {
    private final String pluginId;
    private final Listeners listeners;
    private final EventLoops loops;
    /** Also those that were closed while connections were left: these are the host's to close. */
    private final List<BoundListener> opened = new ArrayList<>();

    private boolean closed;

    PluginTransport(String pluginId, Listeners listeners, EventLoops loops) {
        this.pluginId = pluginId;
        this.listeners = listeners;
        this.loops = loops;
    }

    @Override
    public Listener listen(String name, ListenerSettings settings, StreamProtocol protocol) throws IOException {
        requireOpen();
        return keep(listeners.listen(pluginId, name, settings, protocol));
    }

    @Override
    public Listener listenDatagrams(String name, ListenerSettings settings, ChannelHandler handler) throws IOException {
        return listenDatagrams(name, DatagramSettings.of(name, settings), handler);
    }

    @Override
    public Listener listenDatagrams(String name, DatagramSettings settings, ChannelHandler handler) throws IOException {
        requireOpen();
        return keep(listeners.listenDatagrams(pluginId, name, settings, handler));
    }

    @Override
    public EventLoopGroup eventLoops() {
        return loops.group();
    }

    private void requireOpen() {
        synchronized (opened) {
            if (closed) {
                throw stopped();
            }
        }
    }

    private BoundListener keep(BoundListener listener) {
        synchronized (opened) {
            if (!closed) {
                opened.add(listener);
                return listener;
            }
        }
        listener.close();
        listener.closeConnections();
        throw stopped();
    }

    private IllegalStateException stopped() {
        return new IllegalStateException("plugin " + pluginId + " has stopped; its context is no longer valid");
    }

    /** Closes the plugin's listeners, then their connections. Not for event loops. Further calls do nothing. */
    @Override
    public void close() {
        List<BoundListener> all;
        synchronized (opened) {
            closed = true;
            all = List.copyOf(opened);
            opened.clear();
        }
        all.forEach(BoundListener::close);
        all.forEach(BoundListener::closeConnections);
    }
}
