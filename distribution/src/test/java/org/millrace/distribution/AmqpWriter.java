package org.millrace.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.protonj2.client.AdvancedMessage;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ClientOptions;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.types.messaging.Data;
import org.jspecify.annotations.Nullable;

/** Writes records over AMQP, on one connection that is made anew after it was lost. */
final class AmqpWriter implements RecordWriter {
    private static final long LOOK_SECONDS = 3;

    private final Client client;
    private final int port;
    private final String table;
    private Link link = new Link();

    /** A connection with a link to the host, or what is to become one. */
    private static final class Link {
        /** Ends with a failure when the connection does. */
        final CompletableFuture<Answer> lost = new CompletableFuture<>();

        volatile @Nullable Connection connection;
        volatile @Nullable Sender sender;

        /** Whether the client knows the connection to be lost, whatever it lets its callers wait for. */
        boolean isLost() {
            Connection made = connection;
            try {
                if (made != null) {
                    made.openSession().closeAsync();
                }
                return false;
            } catch (ClientException e) {
                return true;
            }
        }
    }

    /** Connects when the first record is written. */
    AmqpWriter(String id, int port, String table) {
        this.client = Client.create(new ClientOptions().id(id));
        this.port = port;
        this.table = table;
    }

    @Override
    public Answer write(Write.Kind kind, String id, String content) throws IOException, InterruptedException {
        Link used = link;
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        // The client can wait for ever for a connection that was lost at the wrong moment, even with a time-out.
        Thread sending = Thread.ofVirtual().start(() -> {
            try {
                answer.complete(send(used, kind, id, content));
            } catch (ClientException | IOException e) {
                answer.completeExceptionally(e);
            }
        });
        CompletableFuture<Object> first = CompletableFuture.anyOf(answer, used.lost);
        try {
            for (long waited = 0; waited < PATIENCE.toSeconds(); waited += LOOK_SECONDS) {
                try {
                    return (Answer) first.get(LOOK_SECONDS, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    if (used.isLost()) {
                        throw new IOException("the connection was lost, which the client did not tell", e);
                    }
                }
            }
            throw new Unanswered("AMQP, " + kind + " " + id + (used.sender == null ? ", which got no link" : ""));
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            if (!answer.isDone() || answer.isCompletedExceptionally()) {
                sending.interrupt();
                drop(used);
            }
        }
    }

    private Answer send(Link used, Write.Kind kind, String id, String content) throws ClientException, IOException {
        AdvancedMessage<byte[]> message = AdvancedMessage.create();
        message.addBodySection(new Data(content.getBytes(StandardCharsets.UTF_8)));
        message.contentType(Http.JSON).to(table + "/" + id);
        message.annotation(
                "x-opt-millrace-op",
                kind == Write.Kind.REMOVAL ? "delete" : kind.name().toLowerCase(Locale.ROOT));
        Tracker tracker = sender(used).send(message).awaitSettlement();
        DeliveryState state = tracker.remoteState();
        if (state == null) {
            throw new IOException("settled without an outcome: " + id);
        }
        return switch (state.getType()) {
            case ACCEPTED -> new Answer(true, 0);
            case REJECTED -> new Answer(false, 0);
            default -> throw new IOException("the outcome is " + state);
        };
    }

    private Sender sender(Link used) throws ClientException {
        Sender open = used.sender;
        if (open == null) {
            ConnectionOptions options = new ConnectionOptions()
                    .disconnectedHandler((ended, event) -> used.lost.completeExceptionally(event.failureCause()));
            Connection made = client.connect("127.0.0.1", port, options);
            used.connection = made;
            open = made.openAnonymousSender();
            used.sender = open;
        }
        return open;
    }

    private void drop(Link used) {
        link = new Link();
        Connection old = used.connection;
        if (old != null) {
            old.closeAsync();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
