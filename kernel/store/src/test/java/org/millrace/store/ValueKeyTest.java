package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.millrace.content.Value;

class ValueKeyTest {
    private static int compareKeys(Value a, Value b) {
        return Integer.signum(Arrays.compareUnsigned(ValueKey.of(a), ValueKey.of(b)));
    }

    private static boolean isRough(Value value) {
        byte[] key = ValueKey.of(value);
        return ValueKey.isRough(key, 0, key.length);
    }

    @Test
    void keysAreInTheOrderOfValuesAndEqualOnlyForEqualOrRoughOnes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Value> values = new ArrayList<>(corners());
        for (int i = 0; i < 1_500; i++) {
            values.add(any(random));
        }
        for (int i = 0; i < 200_000; i++) {
            Value a = values.get(random.nextInt(values.size()));
            Value b = values.get(random.nextInt(values.size()));
            int order = compareKeys(a, b);
            if (order != 0) {
                assertThat(order).as("seed %s: %s, %s", seed, a, b).isEqualTo(Integer.signum(a.compareTo(b)));
            } else if (!a.equals(b)) {
                assertThat(isRough(a) && isRough(b))
                        .as("seed %s: %s, %s", seed, a, b)
                        .isTrue();
            }
        }
    }

    @Test
    void theEndOfAValueIsFoundInALongerKey() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] value = ValueKey.of(any(random));
            byte[] key = Arrays.copyOf(value, value.length + random.nextInt(4));
            assertThat(ValueKey.end(key, 0)).as("seed " + seed).isEqualTo(value.length);
            assertThat(value.length).isLessThanOrEqualTo(ValueKey.MAX);
        }
    }

    @Test
    void whatStartsWithATextLiesBehindItsPrefix() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            String text = text(random);
            String prefix = text.substring(0, text.isEmpty() ? 0 : random.nextInt(text.length() + 1));
            byte[] key = ValueKey.of(new Value.Text(text));
            byte[] start = ValueKey.ofPrefix(prefix);
            assertThat(Arrays.copyOf(key, Math.min(start.length, key.length)))
                    .as("seed %s", seed)
                    .isEqualTo(start);
        }
    }

    @Test
    void idsOf64BitsKeepTheirOrderAndDigits() {
        Value a = new Value.Whole(9_007_199_254_740_993L);
        Value b = new Value.Whole(9_007_199_254_740_994L);
        assertThat(compareKeys(a, b)).isEqualTo(-1);
        assertThat(compareKeys(b, new Value.Whole(Long.MAX_VALUE))).isEqualTo(-1);
    }

    private static List<Value> corners() {
        return List.of(
                Value.MISSING,
                Value.NULL,
                Value.FALSE,
                Value.TRUE,
                Value.of(Double.NaN),
                Value.of(Double.POSITIVE_INFINITY),
                Value.of(Double.NEGATIVE_INFINITY),
                Value.of(0.0),
                Value.of(-0.0),
                Value.of(Double.MIN_VALUE),
                Value.of(-Double.MIN_VALUE),
                Value.of(Double.MAX_VALUE),
                Value.of(-Double.MAX_VALUE),
                new Value.Whole(Long.MAX_VALUE),
                new Value.Whole(Long.MIN_VALUE),
                Value.of(new BigDecimal("1e400")),
                Value.of(new BigDecimal("2e400")),
                Value.of(new BigDecimal("-1e400")),
                Value.of(new BigDecimal("1e-400")),
                Value.of(new BigDecimal("-1e-400")),
                Value.of(new BigDecimal("1e999999999")),
                Value.of(new BigDecimal("-1e-999999999")),
                Value.of(new BigInteger("9223372036854775808")),
                Value.of(new BigDecimal("0.1000000000000000055511151231257827021181583404541015625001")),
                new Value.Text(""),
                new Value.Text("\0"),
                new Value.Text("\0\u00ff"),
                new Value.Text("\ud800"),
                new Value.Text("\ue000"),
                new Value.Text("\ud83d\ude00"),
                new Value.Text("\uffff"),
                new Value.Binary(new byte[0]),
                new Value.Binary(new byte[] {0}),
                new Value.Binary(new byte[] {(byte) 0xFE}),
                new Value.Binary(new byte[] {(byte) 0xFF}));
    }

    private static Value any(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> corners().get(random.nextInt(corners().size()));
            case 1 -> new Value.Whole(random.nextInt(20));
            case 2 -> new Value.Whole(random.nextLong());
            case 3 -> new Value.Whole((1L << 53) + random.nextInt(5));
            case 4 -> Value.of(random.nextInt(20) / 4.0);
            case 5 -> Value.of(Double.longBitsToDouble(random.nextLong()));
            case 6 ->
                Value.of(new BigDecimal(new BigInteger(1 + random.nextInt(200), random), random.nextInt(700) - 350)
                        .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1)));
            case 7 -> {
                byte[] bytes = new byte[random.nextInt(4) == 0 ? 190 + random.nextInt(30) : random.nextInt(5)];
                if (random.nextBoolean()) {
                    Arrays.fill(bytes, (byte) 0xFF);
                } else {
                    random.nextBytes(bytes);
                }
                yield new Value.Binary(bytes);
            }
            case 8 ->
                random.nextBoolean()
                        ? new Value.Array(List.of(new Value.Whole(random.nextInt(3))))
                        : new Value.Struct(Map.of("a", new Value.Whole(random.nextInt(3))));
            default -> new Value.Text(text(random));
        };
    }

    private static String text(Random random) {
        char[] some = {0, 'a', 'b', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff};
        StringBuilder text = new StringBuilder();
        if (random.nextInt(3) == 0) {
            text.append((random.nextBoolean() ? "x" : "\u20ac").repeat(60 + random.nextInt(140)));
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(some[random.nextInt(some.length)]);
        }
        return text.toString();
    }
}
