package org.millrace.host.scope;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Registration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one plugin has registered with the host, undone as a whole when it stops. Safe for use by any thread; nothing is
 * opened or undone under a lock.
 */
public final class Registrations implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Registrations.class);

    private final String pluginId;
    private final Set<Undo> open = new LinkedHashSet<>();
    private boolean closed;

    /**
     * Starts with nothing registered.
     *
     * @param pluginId whose registrations
     */
    public Registrations(String pluginId) {
        this.pluginId = pluginId;
    }

    /**
     * Registers something and remembers how to undo it.
     *
     * @param opening registers, and returns what undoes that
     * @return undoes it now, and forgets it
     * @throws IllegalStateException if the plugin has stopped; nothing stays registered then
     */
    public Registration register(Supplier<? extends Registration> opening) {
        requireOpen();
        Undo undo = new Undo(opening.get());
        synchronized (open) {
            if (!closed) {
                open.add(undo);
                return undo;
            }
        }
        undo.close();
        throw stopped();
    }

    /**
     * Refuses use by a plugin that has stopped.
     *
     * @throws IllegalStateException if it has
     */
    public void requireOpen() {
        synchronized (open) {
            if (closed) {
                throw stopped();
            }
        }
    }

    private IllegalStateException stopped() {
        return new IllegalStateException("plugin " + pluginId + " has stopped; its context is no longer valid");
    }

    /** Undoes everything, the newest first. One failure is logged and does not keep the rest. Further calls do nothing. */
    @Override
    public void close() {
        List<Undo> left;
        synchronized (open) {
            closed = true;
            left = new ArrayList<>(open).reversed();
            open.clear();
        }
        for (Undo undo : left) {
            try {
                undo.close();
            } catch (RuntimeException e) {
                log.warn(
                        "A registration of plugin {} could not be undone; restart the host if the plugin is to be"
                                + " replaced",
                        pluginId,
                        e);
            }
        }
    }

    private final class Undo implements Registration {
        private @Nullable Registration undo;

        Undo(Registration undo) {
            this.undo = undo;
        }

        @Override
        public void close() {
            Registration once;
            synchronized (open) {
                open.remove(this);
                once = undo;
                undo = null;
            }
            if (once != null) {
                once.close();
            }
        }
    }
}
