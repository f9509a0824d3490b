package org.millrace.plugin.amqp.request;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.mapping.JsonText;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/** Gathers the rows of a query into one JSON array, up to a size. Used by the view's executor. */
final class QueryRows implements Flow.Subscriber<Row> {
    private static final int SLICE = 256;

    private final int limit;
    private final CompletableFuture<byte[]> result = new CompletableFuture<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription source;
    private int rows;

    QueryRows(int limit) {
        this.limit = limit;
    }

    CompletableFuture<byte[]> result() {
        return result;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        source = subscription;
        subscription.request(SLICE);
    }

    @Override
    public void onNext(Row row) {
        if (result.isDone() || source == null) {
            return;
        }
        out.write(rows++ == 0 ? '[' : ',');
        write(row);
        if (out.size() > limit) {
            source.cancel();
            result.completeExceptionally(new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the result exceeds " + limit + " bytes, the largest content; select less, or use limit()"));
        } else if (rows % SLICE == 0) {
            source.request(SLICE);
        }
    }

    private void write(Row row) {
        Content content = row.content();
        String head = row.version().equals(Version.NONE)
                ? "{\"value\":"
                : "{\"id\":" + JsonText.quoted(row.path().id()) + ",\"version\":\"" + row.version() + "\",\"value\":";
        out.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(
                content.canBe(MediaType.JSON)
                        ? content.as(MediaType.JSON).toByteArray()
                        : JsonText.quoted(java.util.Base64.getUrlEncoder()
                                        .withoutPadding()
                                        .encodeToString(content.toByteArray()))
                                .getBytes(StandardCharsets.UTF_8));
        out.write('}');
    }

    @Override
    public void onError(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        if (rows == 0) {
            out.write('[');
        }
        out.write(']');
        result.complete(out.toByteArray());
    }
}
