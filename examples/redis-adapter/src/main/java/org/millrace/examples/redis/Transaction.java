package org.millrace.examples.redis;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one client has queued between MULTI and EXEC. Used on the connection's event loop. */
final class Transaction {
    private final int most;
    private @Nullable List<Plan> plans;
    private int writes;
    private boolean spoilt;

    Transaction(int most) {
        this.most = most;
    }

    boolean isOpen() {
        return plans != null;
    }

    void begin() {
        if (plans != null) {
            throw new RedisException("ERR MULTI calls can not be nested");
        }
        plans = new ArrayList<>();
        writes = 0;
        spoilt = false;
    }

    void queue(Command command, CommandSpec spec) {
        List<Plan> open = plans;
        if (open == null) {
            throw new IllegalStateException("no transaction is open");
        }
        var plan = spec.plan();
        if (plan == null) {
            throw new RedisException(
                    "ERR " + command.name() + " is not offered inside MULTI, only commands that write");
        }
        Plan made = plan.apply(command);
        writes += made.writes().size();
        if (writes > most) {
            throw new RedisException("ERR a transaction may have " + most + " writes");
        }
        open.add(made);
    }

    /** A command was refused: EXEC will be too. */
    void spoil() {
        spoilt = true;
    }

    List<Plan> end(String command) {
        List<Plan> done = plans;
        if (done == null) {
            throw new RedisException("ERR " + command + " without MULTI");
        }
        plans = null;
        if (spoilt && command.equals("EXEC")) {
            throw new RedisException("EXECABORT Transaction discarded because of previous errors.");
        }
        return done;
    }
}
