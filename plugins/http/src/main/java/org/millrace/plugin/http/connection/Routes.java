package org.millrace.plugin.http.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpRoute;
import org.millrace.spi.transport.HttpUpgrade;

/** The routes and upgrades that other plugins offer. Altered by the host's threads, read by event loops. */
public final class Routes {
    private volatile List<HttpRoute> routes = List.of();
    private volatile List<HttpUpgrade> upgrades = List.of();

    /**
     * Keeps the routes.
     *
     * @return told of each route as it comes and goes
     */
    public Extensions.Consumer<HttpRoute> routes() {
        return new Extensions.Consumer<>() {
            @Override
            public void added(String pluginId, HttpRoute route) {
                synchronized (Routes.this) {
                    List<HttpRoute> more = new ArrayList<>(routes);
                    more.add(route);
                    more.sort(Comparator.comparingInt(HttpRoute::priority));
                    routes = List.copyOf(more);
                }
            }

            @Override
            public void removed(String pluginId, HttpRoute route) {
                synchronized (Routes.this) {
                    routes = routes.stream().filter(r -> r != route).toList();
                }
            }
        };
    }

    /**
     * Keeps the upgrades.
     *
     * @return told of each upgrade as it comes and goes
     */
    public Extensions.Consumer<HttpUpgrade> upgrades() {
        return new Extensions.Consumer<>() {
            @Override
            public void added(String pluginId, HttpUpgrade upgrade) {
                synchronized (Routes.this) {
                    List<HttpUpgrade> more = new ArrayList<>(upgrades);
                    more.add(upgrade);
                    upgrades = List.copyOf(more);
                }
            }

            @Override
            public void removed(String pluginId, HttpUpgrade upgrade) {
                synchronized (Routes.this) {
                    upgrades = upgrades.stream().filter(u -> u != upgrade).toList();
                }
            }
        };
    }

    /** Whether any route might answer, so that it is worth while to show it the request. */
    boolean mayAccept(String method, HttpHeaders headers) {
        List<HttpRoute> present = routes;
        if (present.isEmpty()) {
            return false;
        }
        String first = headers.get(HttpHeaderNames.ACCEPT);
        String accept = first == null ? "" : first;
        if (first != null && headers.getAll(HttpHeaderNames.ACCEPT).size() > 1) {
            accept = String.join(",", headers.getAll(HttpHeaderNames.ACCEPT));
        }
        for (HttpRoute route : present) {
            if (route.mayAccept(method, accept)) {
                return true;
            }
        }
        return false;
    }

    Optional<HttpRoute> route(HttpRequest request) {
        for (HttpRoute route : routes) {
            if (route.accepts(request)) {
                return Optional.of(route);
            }
        }
        return Optional.empty();
    }

    /** The upgrade to the first protocol of an {@code Upgrade} field that is offered. */
    Optional<HttpUpgrade> upgrade(@Nullable String field) {
        if (field == null) {
            return Optional.empty();
        }
        for (String token : field.split(",", -1)) {
            for (HttpUpgrade upgrade : upgrades) {
                if (upgrade.token().equalsIgnoreCase(token.strip())) {
                    return Optional.of(upgrade);
                }
            }
        }
        return Optional.empty();
    }
}
