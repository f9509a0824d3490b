package org.millrace.query;

import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;
import org.millrace.content.Value;

/**
 * One aggregate of one group while it is computed. Sums are decimal with 34 digits, so that money adds up; a mean has
 * 17. Owned by its query.
 */
final class Accumulator {
    private static final MathContext SUM = MathContext.DECIMAL128;
    /** As many digits as tell all doubles apart. */
    private static final MathContext MEAN = new MathContext(17);

    private final Selection.@Nullable Function function;
    private BigDecimal sum = BigDecimal.ZERO;
    private long count;
    private Value extreme = Value.NULL;

    /** An accumulator for a function; null counts. */
    Accumulator(Selection.@Nullable Function function) {
        this.function = function;
    }

    void add(Value value) {
        switch (function) {
            case null -> count++;
            case SUM, AVG -> addNumber(value);
            case MIN -> addExtreme(value, -1);
            case MAX -> addExtreme(value, 1);
        }
    }

    private void addNumber(Value value) {
        switch (value) {
            case Value.Whole(long whole) -> addNumber(BigDecimal.valueOf(whole));
            case Value.Real(double real) when Double.isFinite(real) -> addNumber(BigDecimal.valueOf(real));
            case Value.Exact(BigDecimal exact) -> addNumber(exact);
            case Value.Real _,
                    Value.Missing _,
                    Value.Null _,
                    Value.Bool _,
                    Value.Text _,
                    Value.Binary _,
                    Value.Array _,
                    Value.Struct _ -> {}
        }
    }

    private void addNumber(BigDecimal number) {
        sum = sum.add(number, SUM);
        count++;
    }

    private void addExtreme(Value value, int sign) {
        if (value instanceof Value.Missing || value instanceof Value.Null) {
            return;
        }
        if (extreme instanceof Value.Null || Integer.signum(value.compareTo(extreme)) == sign) {
            extreme = value;
        }
    }

    Value result() {
        return switch (function) {
            case null -> new Value.Whole(count);
            case SUM -> Value.of(sum);
            case AVG -> count == 0 ? Value.NULL : Value.of(sum.divide(BigDecimal.valueOf(count), MEAN));
            case MIN, MAX -> extreme;
        };
    }
}
