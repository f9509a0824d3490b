package org.millrace.examples.coap;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.californium.core.coap.CoAP.Type;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.observe.ObserveRelation;
import org.eclipse.californium.core.server.resources.ObservableResource;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Version;

/**
 * One client that observes one record (RFC 7641). Every notification is confirmable, and the next state is asked of the
 * host only when the client has acknowledged the one before: a slow client gets the newest state whenever it is ready, and
 * costs a place in the change stream meanwhile. One that acknowledges nothing any more is given up, with all it observes;
 * so that this is noticed where nothing changes, the state is sent again after a quiet time. Used on the event loop.
 */
final class Observer implements Subscriber, ObservableResource {
    /** How long a client may take a state for fresh beyond the time of the next check: repetitions take up to 93 s. */
    private static final int FRESH_BEYOND_SECONDS = 100;

    private final Observers all;
    private final Answer answer;
    private final Path path;
    private final Resources view;
    private final Supplier<CompletionStage<Response>> read;
    private @Nullable Subscription subscription;
    private @Nullable Future<?> next;
    private @Nullable ObserveRelation relation;
    private boolean asked;
    private boolean established;
    private boolean ended;
    private long sentAt;

    Observer(Observers all, Answer answer, Path path, Resources view, Supplier<CompletionStage<Response>> read) {
        this.all = all;
        this.answer = answer;
        this.path = path;
        this.view = view;
        this.read = read;
    }

    /** Subscribes; the first response is the record's present state. */
    void start() {
        try {
            subscription = view.subscribe(
                    new SubscribeRequest(List.of(TopicFilter.exactly(path)), Start.CURRENT, Overflow.LATEST, ""), this);
            asked = true;
            subscription.request(1);
        } catch (RuntimeException e) {
            answer.send(null, e);
            end();
        }
    }

    /** Answers as if the client had not asked to observe. */
    void readOnce() {
        read.get()
                .whenCompleteAsync(
                        (response, failure) -> {
                            answer.send(response, failure);
                            end();
                        },
                        all.loop());
    }

    @Override
    public void onChange(Change change, Reason reason) {
        if (ended) {
            return;
        }
        asked = false;
        if (change.kind() == ChangeKind.EVENT) {
            // A message to the record's path alters nothing that an observer has to know.
            request();
        } else if (change.kind().removesRecord()) {
            refuse(new ResourceException(ErrorCode.NOT_FOUND, "record " + path + " is gone"));
        } else {
            notify(change.content().orElseThrow(), change.version());
        }
    }

    /** There is no record to observe; what is computed at its path is read once. */
    @Override
    public void onCaughtUp(Cursor at) {
        if (!established && !ended) {
            readOnce();
        }
    }

    @Override
    public void onClosed(ResourceException reason) {
        refuse(reason);
    }

    private void notify(Content content, Version version) {
        try {
            Response response = Responses.content(answer.request().getOptions(), content, version, all.maxBody());
            Responses.setMaxAge(response, all.settings().observeCheck().plusSeconds(FRESH_BEYOND_SECONDS));
            response.addMessageObserver(new Delivery(response));
            sentAt = System.nanoTime();
            if (established) {
                answer.exchange().sendResponse(response);
            } else {
                established = true;
                // Californium lets an exchange be altered only by what runs as a part of it.
                answer.exchange().execute(() -> {
                    all.establish(answer.exchange(), this);
                    answer.send(response, null);
                });
            }
        } catch (ResourceException e) {
            refuse(e);
        }
    }

    /** A refusal ends the observation (RFC 7641 section 4.2). */
    private void refuse(ResourceException why) {
        if (ended) {
            return;
        }
        if (established) {
            answer.exchange().sendResponse(answer.refusal(why));
        } else {
            answer.send(null, why);
        }
        end();
    }

    /** Ends the observation without waiting for the client. */
    void sayGoodBye(ResourceException why) {
        if (established) {
            Response last = answer.refusal(why);
            last.setType(Type.NON);
            answer.exchange().sendResponse(last);
            end();
        } else {
            refuse(why);
        }
    }

    /** The client has what was sent: the next state may come, in due time. */
    private void delivered() {
        if (ended) {
            return;
        }
        long due = all.settings().observeInterval().toNanos() - (System.nanoTime() - sentAt);
        if (due <= 0) {
            request();
        } else {
            schedule(due, this::request);
        }
    }

    private void request() {
        Subscription open = subscription;
        if (ended || open == null) {
            return;
        }
        schedule(all.settings().observeCheck().toNanos(), this::check);
        if (!asked) {
            asked = true;
            open.request(1);
        }
    }

    /** Nothing has changed for long: the client gets the state once more, and acknowledges it if it is still there. */
    private void check() {
        view.get(path)
                .whenCompleteAsync(
                        (found, failure) -> {
                            if (ended) {
                                return;
                            }
                            if (failure != null) {
                                refuse(ResourceException.from(failure));
                            } else {
                                found.ifPresent(record -> notify(record.content(), record.version()));
                            }
                        },
                        all.loop());
    }

    private void schedule(long nanos, Runnable task) {
        Future<?> before = next;
        if (before != null) {
            before.cancel(false);
        }
        next = all.loop().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        if (next != null) {
            next.cancel(false);
        }
        view.close();
        all.ended(this);
    }

    /** What becomes of one notification. */
    private final class Delivery extends MessageObserverAdapter {
        private final Response response;

        Delivery(Response response) {
            this.response = response;
        }

        @Override
        public void onSent(boolean retransmission) {
            // The first one goes with the acknowledgement of the request, for which there is none in turn.
            if (!retransmission && response.getType() != Type.CON) {
                delivered();
            }
        }

        @Override
        public void onAcknowledgement() {
            delivered();
        }

        /** Rejected, not acknowledged in time, or not sent. */
        @Override
        protected void failed() {
            end();
            if (relation != null) {
                relation.cancel();
            }
        }
    }

    // What Californium asks of an observed resource.

    @Override
    public String getURI() {
        return '/' + path.toString();
    }

    @Override
    public Type getObserveType() {
        return Type.CON;
    }

    @Override
    public int getNotificationSequenceNumber() {
        return all.nextNumber();
    }

    @Override
    public boolean isObservable() {
        return true;
    }

    @Override
    public void addObserveRelation(ObserveRelation its) {
        relation = its;
    }

    /** The client cancelled, began anew with the same token, or is gone. */
    @Override
    public void removeObserveRelation(ObserveRelation its) {
        end();
    }

    @Override
    public int getObserverCount() {
        return ended ? 0 : 1;
    }
}
