package org.millrace.plugin.mqtt.system;

import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Version;

/**
 * The topics under {@code $SYS/}: retained messages of the server's own making. They are read anew at an interval; those
 * that changed are shown to the subscribers, as far as their grants go. Safe for use by any thread.
 */
public final class SystemTopics {
    private static final String ROOT = "$SYS";
    private static final String PREFIX = "$SYS/broker/";
    /** These changes are in no journal. */
    private static final Cursor NOWHERE = new Cursor(0, 0);

    private final PluginContext context;
    private final SystemFigures figures;
    private final Map<Path, Change> present = new ConcurrentSkipListMap<>();
    private final Map<Path, String> texts = new ConcurrentHashMap<>();
    private final Set<SystemSubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /**
     * Makes the topics without values.
     *
     * @param context the host's offer
     * @param figures what they show
     */
    public SystemTopics(PluginContext context, SystemFigures figures) {
        this.context = context;
        this.figures = figures;
    }

    /**
     * Whether a filter selects these topics, and nothing else.
     *
     * @param filter a filter's text
     * @return true for {@code $SYS} and what is below
     */
    public static boolean concerns(String filter) {
        return filter.equals(ROOT) || filter.startsWith(ROOT + "/");
    }

    /**
     * Reads the figures now, and from now on.
     *
     * @param seconds the interval; 0 for not at all
     */
    public void start(long seconds) {
        if (seconds == 0) {
            return;
        }
        read(seconds);
        next(seconds);
    }

    private void next(long seconds) {
        var unused = context.scheduler()
                .schedule(
                        () -> {
                            if (!stopped) {
                                read(seconds);
                                next(seconds);
                            }
                        },
                        seconds,
                        TimeUnit.SECONDS);
    }

    private void read(long seconds) {
        List<Change> changed = new ArrayList<>();
        figures.read(seconds, (topic, value) -> {
            Path path = Path.of(PREFIX + topic);
            if (!value.equals(texts.put(path, value))) {
                Change change = Change.of(
                                ChangeKind.PUT,
                                path,
                                new Version(context.clock().millis() << 16, 0),
                                NOWHERE)
                        .unjournaled()
                        .content(context.contents().of(MediaType.OCTET_STREAM, value.getBytes(StandardCharsets.UTF_8)))
                        .qos(Qos.AT_MOST_ONCE)
                        .build();
                present.put(path, change);
                changed.add(change);
            }
        });
        subscriptions.forEach(s -> s.changed(changed));
    }

    /**
     * Shows the topics to a client.
     *
     * @param view the client's; says what it may see
     * @param filter one that {@link #concerns concerns} these topics
     * @param start whether their present values come first
     * @param subscriber told on the loop
     * @param loop where the subscription is used
     * @return the subscription
     * @throws org.millrace.spi.resource.ResourceException if the client may see none of them
     */
    public Subscription subscribe(
            Resources view, TopicFilter filter, Start start, Subscriber subscriber, EventExecutor loop) {
        List<Change> first = new ArrayList<>();
        SystemSubscription made =
                new SystemSubscription(filter, subscriber, loop, view::maySubscribe, subscriptions::remove);
        made.open(view, start);
        subscriptions.add(made);
        if (!(start instanceof Start.Now)) {
            first.addAll(present.values());
        }
        made.present(first);
        return made;
    }

    /** Reads no more. */
    public void stop() {
        stopped = true;
    }
}
