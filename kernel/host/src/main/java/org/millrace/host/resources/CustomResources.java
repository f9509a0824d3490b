package org.millrace.host.resources;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The custom resources that plugins offer at the moment. Safe for use by any thread. A path that none is concerned with
 * costs one look at a list that is empty in most hosts.
 */
public final class CustomResources implements Extensions.Consumer<CustomResource> {
    private static final Logger log = LoggerFactory.getLogger(CustomResources.class);

    private final Duration timeout;
    private volatile List<Offered> offered = List.of();

    /** One resource, with what it said of itself when it was offered. */
    record Offered(String pluginId, CustomResource resource, List<TopicFilter> filters, int priority) {
        private boolean concerns(Path path, String viewOf) {
            if (pluginId.equals(viewOf)) {
                return false;
            }
            for (TopicFilter filter : filters) {
                if (filter.matches(path)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Starts without resources.
     *
     * @param timeout how long a resource may take to decide
     */
    public CustomResources(Duration timeout) {
        this.timeout = timeout;
    }

    @Override
    public synchronized void added(String pluginId, CustomResource resource) {
        List<TopicFilter> filters = List.copyOf(resource.filters());
        List<Offered> all = new ArrayList<>(offered);
        all.add(new Offered(pluginId, resource, filters, resource.priority()));
        all.sort(Comparator.comparingInt(Offered::priority).thenComparing(Offered::pluginId));
        offered = List.copyOf(all);
        log.info("Plugin {} has its say at {}", pluginId, filters);
    }

    @Override
    public synchronized void removed(String pluginId, CustomResource resource) {
        List<Offered> all = new ArrayList<>(offered);
        all.removeIf(o -> o.resource == resource && o.pluginId.equals(pluginId));
        offered = List.copyOf(all);
    }

    /** Whether any resource is to be asked about a path by a view of a plugin. */
    boolean concern(Path path, String viewOf) {
        return next(path, viewOf, 0) >= 0;
    }

    /** The resources to be asked about a path, in order. */
    List<Offered> at(Path path, String viewOf) {
        if (path.isSystem()) {
            return List.of();
        }
        return offered.stream().filter(o -> o.concerns(path, viewOf)).toList();
    }

    private int next(Path path, String viewOf, int from) {
        List<Offered> all = offered;
        if (!all.isEmpty() && !path.isSystem()) {
            for (int i = from; i < all.size(); i++) {
                if (all.get(i).concerns(path, viewOf)) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** Reads a record as the resources at its path give it. Completes on any thread. */
    CompletableFuture<Optional<Entry>> read(Path path, Optional<Entry> stored, Caller caller, String viewOf) {
        CompletableFuture<Optional<Entry>> read = CompletableFuture.completedFuture(stored);
        for (Offered at : at(path, viewOf)) {
            read = read.thenCompose(before -> ask(at, path, () -> at.resource.read(path, before, caller)));
        }
        return read;
    }

    /**
     * Asks a resource.
     *
     * @return fails with a {@link ResourceException} only, at the latest after the time-out
     */
    <T> CompletableFuture<T> ask(Offered at, Path path, Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            question.get().whenComplete((result, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(refusal(at, path, failure));
                } else if (result == null) {
                    answer.completeExceptionally(
                            refusal(at, path, new NullPointerException("the stage completed with null")));
                } else {
                    answer.complete(result);
                }
            });
        } catch (RuntimeException | LinkageError e) {
            answer.completeExceptionally(refusal(at, path, e));
        }
        return answer.isDone() ? answer : limited(answer, at, path);
    }

    private <T> CompletableFuture<T> limited(CompletableFuture<T> answer, Offered at, Path path) {
        CompletableFuture<T> limited = answer.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        return limited.exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                cause(failure) instanceof TimeoutException ? late(at, path) : ResourceException.from(failure)));
    }

    private ResourceException late(Offered at, Path path) {
        log.warn(
                "Plugin {} took longer than {} to decide about '{}'; the client is told that it is unavailable. See"
                        + " what it waits for, or raise plugins.resource-timeout",
                at.pluginId,
                timeout,
                path);
        return new ResourceException(
                ErrorCode.UNAVAILABLE,
                "plugin " + at.pluginId + ", which decides about '" + path + "', did not answer in time; try again");
    }

    private static ResourceException refusal(Offered at, Path path, Throwable failure) {
        if (cause(failure) instanceof ResourceException refusal) {
            return refusal;
        }
        log.warn(
                "Plugin {} failed to decide about '{}'; the client is told of an internal error. Report the cause to"
                        + " the plugin's author",
                at.pluginId,
                path,
                failure);
        return new ResourceException(
                ErrorCode.INTERNAL,
                "plugin " + at.pluginId + ", which decides about '" + path
                        + "', failed; the server's log has the cause",
                failure);
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    }
}
