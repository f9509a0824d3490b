package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.WriteOptions;

/**
 * Deletes the records a query finds, each at the version that was found: one that was altered since is left alone and
 * counted apart. At most {@link #WINDOW} deletes are under way, and none begins while the host's queue is nearly full.
 * Everything runs on the connection's event loop.
 */
final class DeleteMatching implements Flow.Subscriber<Row> {
    private static final int WINDOW = 64;

    private final Exchange exchange;
    private Flow.@Nullable Subscription rows;
    private int requested;
    private int underWay;
    private long deleted;
    private long changed;
    private boolean allFound;
    private boolean ended;

    DeleteMatching(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        rows = subscription;
        requestMore();
    }

    private void requestMore() {
        Flow.Subscription source = rows;
        if (source == null || ended || allFound || requested > 0 || underWay > 0) {
            return;
        }
        requested = WINDOW;
        if (exchange.resources().isSaturated()) {
            var _ = exchange.resources().whenReady().whenComplete((ready, failure) -> source.request(WINDOW));
        } else {
            source.request(WINDOW);
        }
    }

    @Override
    public void onNext(Row row) {
        requested--;
        if (ended) {
            return;
        }
        underWay++;
        WriteOptions options = WriteOptions.DEFAULT.withPrecondition(Precondition.at(row.version()));
        var _ = exchange.resources().delete(row.path(), options).whenComplete((commit, failure) -> {
            underWay--;
            if (failure == null) {
                deleted += commit.effect() == Effect.DELETED ? 1 : 0;
            } else if (ResourceException.from(failure).code() == ErrorCode.PRECONDITION_FAILED) {
                changed++;
            } else {
                onError(failure);
            }
            goOn();
        });
    }

    private void goOn() {
        if (allFound && underWay == 0 && !ended) {
            ended = true;
            String json = "{\"deleted\":" + deleted + ",\"changed\":" + changed + "}\n";
            exchange.send(new Answer(200)
                    .body("application/json", ByteBuffer.wrap(json.getBytes(StandardCharsets.US_ASCII))));
            return;
        }
        requestMore();
    }

    @Override
    public void onError(Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        if (rows != null) {
            rows.cancel();
        }
        ResourceException cause = ResourceException.from(failure);
        exchange.fail(
                deleted == 0
                        ? failure
                        : new ResourceException(
                                cause.code(), cause.getMessage() + "; " + deleted + " records were deleted before"));
    }

    @Override
    public void onComplete() {
        allFound = true;
        goOn();
    }
}
