package org.millrace.benchmarks.replication;

import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStream;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The NATS client alone, with so many messages of so many bytes in all. Used by one thread. */
final class Yardstick implements AutoCloseable {
    private static final String STREAM = "YARDSTICK";
    /** What may be under way, of either way; and never more messages than {@link #MOST}. */
    private static final long WINDOW_BYTES = 8 << 20;

    private static final int MOST = 4_096;
    private static final int LEAST = 64;
    private static final long PATIENCE_MILLIS = 30_000;

    private final Connection connection;

    Yardstick(NatsUnderTest nats) throws Exception {
        connection = Nats.connect(nats.url());
    }

    /** What is in streams. */
    record Kept(long messages, long bytes) {}

    private List<String> streams() throws Exception {
        return connection.jetStreamManagement().getStreamNames().stream()
                .filter(name -> name.startsWith("MILLRACE_" + NodeUnderTest.CLUSTER))
                .toList();
    }

    /** What the cluster's streams hold. */
    Kept kept() throws Exception {
        long messages = 0;
        long bytes = 0;
        for (String stream : streams()) {
            StreamState state =
                    connection.jetStreamManagement().getStreamInfo(stream).getStreamState();
            messages += state.getMsgCount();
            bytes += state.getByteCount();
        }
        return new Kept(messages, bytes);
    }

    /** Empties the cluster's streams, as if their age had come. */
    void purge() throws Exception {
        for (String stream : streams()) {
            connection.jetStreamManagement().purgeStream(stream);
        }
    }

    /** Publishes with several publishers while each of several readers reads all; returns the seconds to the last. */
    double publishAndConsume(int publishers, int readers, long messages, long bytes) throws Exception {
        long each = Math.max(1, messages / publishers);
        byte[] body = body(messages, bytes);
        create();
        try (var threads = Executors.newCachedThreadPool()) {
            long begin = System.nanoTime();
            List<Future<?>> all = new ArrayList<>();
            for (int reader = 0; reader < readers; reader++) {
                all.add(threads.submit(() -> read(STREAM, each * publishers, window(body.length))));
            }
            for (int publisher = 0; publisher < publishers; publisher++) {
                String subject = "yardstick." + publisher;
                all.add(threads.submit(() -> publish(subject, body, each)));
            }
            for (Future<?> one : all) {
                one.get();
            }
            return (System.nanoTime() - begin) / 1e9;
        } finally {
            connection.jetStreamManagement().deleteStream(STREAM);
        }
    }

    /** Reads so many messages that are in a stream already; returns the seconds it took. */
    double consume(long messages, long bytes) throws Exception {
        create();
        try {
            publish("yardstick.0", body(messages, bytes), messages);
            return timed(STREAM, messages, window(bytes / Math.max(1, messages)));
        } finally {
            connection.jetStreamManagement().deleteStream(STREAM);
        }
    }

    private void create() throws Exception {
        connection
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(STREAM)
                        .subjects("yardstick.*")
                        .storageType(StorageType.File)
                        .build());
    }

    private static int window(long messageBytes) {
        return (int) Math.clamp(WINDOW_BYTES / Math.max(1, messageBytes), LEAST, MOST);
    }

    private static byte[] body(long messages, long bytes) {
        return new byte[Math.toIntExact(Math.max(1, bytes / Math.max(1, messages)))];
    }

    /** Reads the cluster's streams from their beginning, one after the other; returns the seconds it took. */
    double consume() throws Exception {
        double seconds = 0;
        for (String stream : streams()) {
            StreamState state =
                    connection.jetStreamManagement().getStreamInfo(stream).getStreamState();
            seconds += timed(stream, state.getMsgCount(), LEAST);
        }
        return seconds;
    }

    private double timed(String stream, long messages, int fetch) throws Exception {
        long begin = System.nanoTime();
        read(stream, messages, fetch);
        return (System.nanoTime() - begin) / 1e9;
    }

    private @Nullable Void publish(String subject, byte[] body, long messages) throws Exception {
        try (Connection own = Nats.connect(String.valueOf(connection.getConnectedUrl()))) {
            JetStream stream = own.jetStream();
            int window = window(body.length);
            Semaphore free = new Semaphore(window);
            List<CompletableFuture<?>> failed = new ArrayList<>();
            for (long i = 0; i < messages; i++) {
                free.acquire();
                CompletableFuture<?> stored =
                        stream.publishAsync(subject, body).whenComplete((ack, e) -> free.release());
                if (stored.isCompletedExceptionally()) {
                    failed.add(stored);
                }
            }
            free.acquire(window);
            for (CompletableFuture<?> one : failed) {
                throw new ExecutionException("a message was not taken", one.exceptionNow());
            }
        }
        return null;
    }

    private @Nullable Void read(String stream, long messages, int fetch) throws Exception {
        try (Connection own = Nats.connect(String.valueOf(connection.getConnectedUrl()));
                IterableConsumer consumer = own.getStreamContext(stream)
                        .createOrderedConsumer(new OrderedConsumerConfiguration().deliverPolicy(DeliverPolicy.All))
                        .iterate(ConsumeOptions.builder().batchSize(fetch).build())) {
            for (long i = 0; i < messages; i++) {
                Message message = consumer.nextMessage(PATIENCE_MILLIS);
                if (message == null) {
                    throw new IllegalStateException("message " + i + " of " + messages + " did not come");
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws InterruptedException {
        connection.close();
    }
}
