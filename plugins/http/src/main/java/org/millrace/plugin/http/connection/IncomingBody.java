package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.exchange.BodyReader;
import org.millrace.plugin.http.exchange.Intake;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;

/**
 * The body of a request while it comes: collected up to a limit, or handed on as it comes. Where its first bytes decide
 * which, they are held until they do; as long as nobody wants it, nothing is kept. Used on the connection's event loop
 * only.
 */
final class IncomingBody {
    private static final byte[] NOTHING = {};

    private final BodyMemory.Share memory;
    private final @Nullable String coding;
    private @Nullable RequestBody collected;
    private @Nullable BodyFlow flow;
    private long announced;
    private int limit;
    private boolean undecided;

    /** Whether it has come as a whole. */
    boolean complete;

    /**
     * A body nobody wants yet.
     *
     * @param memory where its room is taken from
     * @param coding its content coding; null for none
     */
    IncomingBody(BodyMemory.Share memory, @Nullable String coding) {
        this.memory = memory;
        this.coding = coding;
    }

    /** What the request may hold of memory. */
    BodyMemory.Share memory() {
        return memory;
    }

    /**
     * Keeps what comes, until it is known who wants it or for who does.
     *
     * @param most how much is taken
     * @param length what was announced; -1 if nothing was
     */
    void hold(int most, long length) {
        announced = length;
        limit = most;
        collected = new RequestBody(memory, most, length);
    }

    /** Sets another limit for what is kept; false if there is more than that already. */
    boolean limit(int most) {
        limit = most;
        return collected == null || collected.limit(most);
    }

    /**
     * Takes the body.
     *
     * @param intake how
     * @param most how much is collected
     * @param length what was announced; -1 if nothing was
     * @throws org.millrace.plugin.http.problem.ProblemException 413 if it is announced to be larger
     */
    void take(Intake intake, int most, long length) {
        limit = most;
        announced = length;
        if (intake == Intake.STREAMED) {
            stream();
            return;
        }
        undecided = intake == Intake.STREAMED_IF_ARRAY;
        if (undecided) {
            decide();
        }
        if (!undecided && flow == null && (announced > limit || !limit(limit))) {
            throw tooLarge().exception();
        }
        if (flow == null && collected == null) {
            collected = new RequestBody(memory, limit, announced);
        }
    }

    private void stream() {
        BodyFlow to = new BodyFlow(memory, coding);
        RequestBody held = collected;
        collected = null;
        flow = to;
        if (held != null && held.size() > 0) {
            to.data(Unpooled.wrappedBuffer(held.take()));
        }
        if (complete) {
            to.end();
        }
    }

    /** An array is streamed; whatever else it is, collected. */
    private void decide() {
        int first = collected == null ? -1 : collected.firstOfJson();
        if (first == '[') {
            undecided = false;
            stream();
        } else if (first >= 0 || complete) {
            undecided = false;
        }
    }

    /** Whether the connection may hand on what has come. */
    boolean takesMore() {
        return collected != null || flow != null && flow.takesMore();
    }

    /**
     * Takes a part; false if it is beyond the limit.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 503 if the host has no room for more bodies
     */
    boolean add(ByteBuf part) {
        if (flow != null) {
            flow.data(part);
            return true;
        }
        if (collected != null && !collected.add(part)) {
            return false;
        }
        if (!undecided) {
            return true;
        }
        decide();
        return undecided || flow != null || announced <= limit;
    }

    /** It has come as a whole. */
    void end() {
        complete = true;
        if (flow != null) {
            flow.end();
        }
    }

    /** What was collected, unpacked; to be taken once. */
    byte[] taken() {
        byte[] taken = collected == null ? NOTHING : collected.take();
        return coding == null || coding.equalsIgnoreCase("identity")
                ? taken
                : ContentCoding.decode(coding, taken, limit);
    }

    /** The request is answered, or nobody waits for that: what has come is not needed any more. */
    void drop() {
        if (collected != null) {
            var _ = collected.take();
        }
        memory.giveAll();
    }

    /** Whether it is handed on as it comes. */
    boolean isStreamed() {
        return flow != null;
    }

    /** Where it goes as it comes; null if it does not. */
    @Nullable
    BodyFlow flow() {
        return flow;
    }

    /** Hands it on. */
    void readBy(BodyReader reader) {
        if (flow == null) {
            throw new IllegalStateException("the body was collected");
        }
        flow.to(reader);
    }

    /** The rest will not come: true if what reads it was told, and answers. */
    boolean brokeOff(Throwable failure) {
        BodyFlow broken = flow;
        if (broken == null || !broken.hasReader()) {
            return false;
        }
        broken.brokeOff(failure);
        return true;
    }

    /** The client has gone, or the answer is complete without the rest. */
    void lost() {
        if (flow != null) {
            flow.lost();
        }
    }

    Problem tooLarge() {
        return Problems.bodyTooLarge(limit);
    }
}
