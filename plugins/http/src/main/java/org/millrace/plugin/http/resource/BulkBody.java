package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.bulk.ArrayCutter;
import org.millrace.plugin.http.bulk.ItemCutter;
import org.millrace.plugin.http.bulk.LineCutter;
import org.millrace.plugin.http.bulk.WriteQueue;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.exchange.BodyReader;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.Commit;

/**
 * A bulk write while its body comes. Every item that has come whole is written, whatever comes behind it; the client is read
 * no faster than items are written. Everything runs on the connection's event loop.
 */
final class BulkBody implements BodyReader, ItemCutter.Sink, WriteQueue.Listener {
    private final Exchange exchange;
    private final ItemCutter cutter;
    private final WriteQueue queue;
    private final BulkResults results;
    private final int longest;
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean answered;

    /**
     * Begins.
     *
     * @param exchange the request
     * @param lines whether items are lines; otherwise they are elements of an array
     * @param longest how many bytes an item may have
     * @param results what becomes of each
     * @param writer begins the write of an item
     */
    BulkBody(
            Exchange exchange,
            boolean lines,
            int longest,
            BulkResults results,
            Function<byte[], CompletionStage<Commit>> writer) {
        this.exchange = exchange;
        this.longest = longest;
        this.results = results;
        BodyMemory.Share memory = exchange.memory();
        this.cutter = lines ? new LineCutter(this, longest, memory) : new ArrayCutter(this, longest, memory);
        this.queue = new WriteQueue(exchange.resources(), memory, writer, this);
    }

    @Override
    public boolean takesMore() {
        return queue.hasRoom() && !ended;
    }

    @Override
    public void data(ByteBuffer part) {
        if (ended) {
            return;
        }
        try {
            cutter.take(part);
        } catch (RuntimeException e) {
            brokeOff(e);
        }
    }

    @Override
    public void end() {
        if (ended) {
            return;
        }
        try {
            cutter.end();
            ended = true;
            answer();
        } catch (RuntimeException e) {
            brokeOff(e);
        }
    }

    @Override
    public void brokeOff(Throwable why) {
        if (!ended) {
            ended = true;
            failure = why;
            answer();
        }
    }

    @Override
    public void item(long position, byte[] item) {
        queue.add(position, item);
    }

    @Override
    public void tooLong(long position) {
        results.refused(position, Problems.bodyTooLarge(longest));
    }

    @Override
    public void done(long position, @Nullable Commit commit, @Nullable Throwable refusal) {
        if (commit != null) {
            results.written(position, commit);
        } else if (refusal != null) {
            results.refused(position, Problems.of(refusal));
        }
    }

    @Override
    public void hasRoom() {
        if (ended) {
            answer();
        } else {
            exchange.readOn();
        }
    }

    private void answer() {
        if (answered || !queue.isIdle()) {
            return;
        }
        answered = true;
        Throwable why = failure;
        if (why != null) {
            Problem problem = Problems.of(why);
            exchange.fail(problem.withCounts(results.counts()).exception());
            return;
        }
        Answer answer = new Answer(200);
        if (BulkWrites.wantsLittle(exchange)) {
            answer.field("Preference-Applied", "return=minimal");
        }
        byte[] json = results.json().getBytes(StandardCharsets.UTF_8);
        exchange.send(answer.body("application/json", ByteBuffer.wrap(json)));
    }
}
