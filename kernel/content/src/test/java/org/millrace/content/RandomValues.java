package org.millrace.content;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Makes values of all kinds, with a liking for the edges. */
final class RandomValues {
    private static final long[] WHOLES = {
        0,
        1,
        -1,
        23,
        24,
        31,
        32,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        -24,
        -25,
        -32,
        -33,
        -128,
        -129,
        -32_768,
        -32_769,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        4_294_967_295L,
        4_294_967_296L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final double[] REALS = {
        0.5, -0.25, 1.1, 1e300, -1e-300, Double.MIN_VALUE, Double.MAX_VALUE, 65_504.5, 3.4028234663852886E38, 1e21
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "\u0000",
        "\"\\/\b\f\n\r\t",
        "\u007f",
        "\u0080",
        "\u00e9",
        "\u20ac",
        "\uffff",
        "\ud83c\udf7a",
        "a.b",
        "~/",
        "null",
        "0"
    };

    private final RandomGenerator random;
    /** Whether to make integers that MessagePack does not have. */
    private final boolean big;

    RandomValues(RandomGenerator random, boolean big) {
        this.random = random;
        this.big = big;
    }

    Value value(int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 7)) {
            case 0 -> Value.NULL;
            case 1 -> random.nextBoolean() ? Value.TRUE : Value.FALSE;
            case 2 -> new Value.Whole(WHOLES[random.nextInt(WHOLES.length)]);
            case 3 -> new Value.Whole(random.nextLong() >> random.nextInt(64));
            case 4 -> real();
            case 5 -> bigInteger();
            case 6 -> new Value.Text(text());
            case 7 -> array(depth);
            default -> struct(depth);
        };
    }

    private Value real() {
        double real =
                random.nextBoolean() ? REALS[random.nextInt(REALS.length)] : Double.longBitsToDouble(random.nextLong());
        return Value.of(Double.isFinite(real) ? real : 0.75);
    }

    private Value bigInteger() {
        BigInteger unsigned =
                BigInteger.valueOf(random.nextLong(Long.MAX_VALUE)).setBit(63);
        if (!big) {
            return Value.of(unsigned);
        }
        byte[] magnitude = new byte[1 + random.nextInt(100)];
        random.nextBytes(magnitude);
        return Value.of(new BigInteger(random.nextBoolean() ? 1 : -1, magnitude));
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(TEXTS[random.nextInt(TEXTS.length)]);
        }
        if (random.nextInt(10) == 0) {
            text.append("x".repeat(random.nextInt(300)));
        }
        return text.toString();
    }

    private Value array(int depth) {
        List<Value> items = new ArrayList<>();
        for (int i = size(); i > 0; i--) {
            items.add(value(depth - 1));
        }
        return new Value.Array(items);
    }

    private Value struct(int depth) {
        Map<String, Value> members = new LinkedHashMap<>();
        for (int i = size(); i > 0; i--) {
            members.put(text() + i, value(depth - 1));
        }
        return new Value.Struct(members);
    }

    private int size() {
        return random.nextInt(20) == 0 ? random.nextInt(40) : random.nextInt(5);
    }
}
