package org.millrace.examples.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.transport.DemandWindow;

/**
 * The channels and patterns one client follows. A message of a channel is an event of the path the channel names;
 * {@code __keyspace@0__:KEY} and {@code __keyevent@0__:EVENT} are the changes of records. Used on the connection's event
 * loop.
 */
final class Channels {
    private static final String KEYSPACE = "__keyspace@0__:";
    private static final String KEYEVENT = "__keyevent@0__:";

    private final RedisConnection client;
    private final Keys keys;
    private final int most;
    private final Map<String, Followed> channels = new LinkedHashMap<>();
    private final Map<String, Followed> patterns = new LinkedHashMap<>();

    Channels(RedisConnection client, Keys keys, int most) {
        this.client = client;
        this.keys = keys;
        this.most = most;
    }

    int count() {
        return channels.size() + patterns.size();
    }

    List<String> names(boolean pattern) {
        return List.copyOf(map(pattern).keySet());
    }

    void follow(String name, boolean pattern) {
        if (map(pattern).containsKey(name)) {
            return;
        }
        if (count() >= most) {
            throw new RedisException("ERR a client may follow " + most + " channels and patterns");
        }
        Followed followed = new Followed(name, pattern);
        map(pattern).put(name, followed);
        try {
            followed.open();
        } catch (RuntimeException e) {
            map(pattern).remove(name);
            throw e;
        }
    }

    void leave(String name, boolean pattern) {
        Followed followed = map(pattern).remove(name);
        if (followed != null) {
            followed.close();
        }
    }

    /** The socket takes more again. */
    void refill() {
        channels.values().forEach(Followed::refill);
        patterns.values().forEach(Followed::refill);
    }

    void close() {
        channels.values().forEach(Followed::close);
        patterns.values().forEach(Followed::close);
        channels.clear();
        patterns.clear();
    }

    private Map<String, Followed> map(boolean pattern) {
        return pattern ? patterns : channels;
    }

    /** One channel or pattern. */
    private final class Followed implements Subscriber {
        private final String name;
        private final boolean pattern;
        private final Glob glob;
        private final DemandWindow window = new DemandWindow();
        private @Nullable Subscription subscription;

        Followed(String name, boolean pattern) {
            this.name = name;
            this.pattern = pattern;
            this.glob = new Glob(name);
        }

        void open() {
            subscription = client.resources().subscribe(SubscribeRequest.every(filter(), Start.NOW), this);
            refill();
        }

        void refill() {
            Subscription open = subscription;
            if (open != null && client.isWritable()) {
                int more = window.refill(count(), Long.MAX_VALUE);
                if (more > 0) {
                    open.request(more);
                }
            }
        }

        void close() {
            if (subscription != null) {
                subscription.close();
            }
        }

        /** The narrowest filter that lets all through that the name may mean. */
        private TopicFilter filter() {
            if (name.startsWith(KEYEVENT)) {
                return TopicFilter.ALL;
            }
            String key = name.startsWith(KEYSPACE) ? name.substring(KEYSPACE.length()) : name;
            if (!pattern) {
                return TopicFilter.exactly(keys.path(key));
            }
            String levels = new Glob(key).literalLevels();
            return levels.isEmpty() ? TopicFilter.ALL : TopicFilter.of(levels + "#");
        }

        @Override
        public void onChange(Change change, Reason reason) {
            Optional<Reply> message = message(change);
            message.ifPresentOrElse(push -> window.arrived(client.push(push)), () -> window.arrived(1));
        }

        @Override
        public void onBatchEnd() {
            client.flush();
            refill();
        }

        @Override
        public void onClosed(ResourceException reason) {
            client.fail("the subscription of " + name + " ended", reason);
        }

        private Optional<Reply> message(Change change) {
            String key = keys.key(change.path());
            String channel;
            Reply payload;
            if (change.kind() == ChangeKind.EVENT) {
                channel = key;
                payload = change.content()
                        .<Reply>map(content -> new Reply.Bulk(content.toByteArray()))
                        .orElse(Reply.bulk(""));
            } else if (name.startsWith(KEYSPACE)) {
                channel = KEYSPACE + key;
                payload = Reply.bulk(event(change));
            } else if (name.startsWith(KEYEVENT)) {
                channel = KEYEVENT + event(change);
                payload = Reply.bulk(key);
            } else {
                return Optional.empty();
            }
            if (pattern ? !glob.matches(channel) : !name.equals(channel) && !sameRecord(channel)) {
                return Optional.empty();
            }
            List<Reply> items = new ArrayList<>(4);
            items.add(Reply.bulk(pattern ? "pmessage" : "message"));
            items.add(Reply.bulk(name));
            if (pattern) {
                items.add(Reply.bulk(channel));
            }
            items.add(payload);
            return Optional.of(new Reply.Push(items));
        }

        /** A key may be written in two ways, {@code k} and {@code redis/k}. */
        private boolean sameRecord(String channel) {
            return !name.startsWith("__key")
                    && !channel.startsWith("__key")
                    && keys.path(name).equals(keys.path(channel));
        }

        private static String event(Change change) {
            return switch (change.kind()) {
                case PUT -> "set";
                case PATCH -> "hset";
                case DELETE -> "del";
                case EXPIRE -> "expired";
                case EVENT -> "publish";
            };
        }
    }
}
