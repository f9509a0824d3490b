package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueTest {
    private static Value decimal(String number) {
        return Value.of(new BigDecimal(number));
    }

    @Test
    void oneNumberIsEqualHoweverItWasWritten() {
        assertThat(Value.of(1.0)).isEqualTo(new Value.Whole(1));
        assertThat(Value.of(-0.0)).isEqualTo(new Value.Whole(0));
        assertThat(decimal("1.00")).isEqualTo(new Value.Whole(1));
        assertThat(decimal("1E+3")).isEqualTo(new Value.Whole(1_000));
        assertThat(decimal("0.1")).isEqualTo(Value.of(0.1));
        assertThat(decimal("1E+300")).isNotEqualTo(Value.of(1e300));
        assertThat(Value.of(BigInteger.TWO.pow(70))).isEqualTo(Value.of(Math.pow(2, 70)));
        assertThat(Value.of(BigInteger.TWO.pow(63))).isEqualTo(Value.of(0x1p63));
        assertThat(Value.of(BigInteger.valueOf(Long.MIN_VALUE))).isEqualTo(Value.of(-0x1p63));
        assertThat(decimal("1E+1000000000")).isEqualTo(decimal("10E+999999999"));
    }

    @Test
    void orderIsByKindFirstAndThenWithinTheKind() {
        List<Value> ordered = List.of(
                Value.MISSING,
                Value.NULL,
                Value.FALSE,
                Value.TRUE,
                Value.of(Double.NEGATIVE_INFINITY),
                decimal("-1E+1000000000"),
                Value.of(-1e300),
                new Value.Whole(Long.MIN_VALUE),
                new Value.Whole(-1),
                decimal("-1E-400"),
                new Value.Whole(0),
                decimal("1E-400"),
                Value.of(0.1),
                new Value.Whole(1),
                Value.of(1.5),
                new Value.Whole(Long.MAX_VALUE),
                Value.of(0x1p63),
                Value.of(new BigInteger("9223372036854775809")),
                Value.of(1e300),
                decimal("1E+400"),
                Value.of(Double.POSITIVE_INFINITY),
                Value.of(Double.NaN),
                new Value.Text(""),
                new Value.Text("a"),
                new Value.Text("aa"),
                new Value.Text("b"),
                new Value.Text("\ue000"),
                new Value.Text("\ud83c\udf7a"),
                new Value.Binary(new byte[] {}),
                new Value.Binary(new byte[] {1}),
                new Value.Binary(new byte[] {(byte) 0x80}),
                new Value.Array(List.of()),
                new Value.Array(List.of(Value.NULL, Value.TRUE)),
                new Value.Array(List.of(Value.FALSE)),
                new Value.Struct(Map.of()),
                new Value.Struct(Map.of("a", Value.NULL)),
                new Value.Struct(Map.of("a", Value.NULL, "b", Value.NULL)),
                new Value.Struct(Map.of("a", Value.TRUE)),
                new Value.Struct(Map.of("b", Value.NULL)));

        for (int i = 0; i < ordered.size(); i++) {
            for (int j = 0; j < ordered.size(); j++) {
                assertThat(Integer.signum(ordered.get(i).compareTo(ordered.get(j))))
                        .as("%s and %s", ordered.get(i), ordered.get(j))
                        .isEqualTo(Integer.compare(i, j));
            }
        }
        List<Value> shuffled = new ArrayList<>(ordered);
        Collections.shuffle(shuffled, new Random(1));
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(ordered);
    }

    @Test
    void structsAreEqualInAnyOrderOfTheirMembers() {
        Map<String, Value> oneOrder = new LinkedHashMap<>();
        oneOrder.put("a", Value.TRUE);
        oneOrder.put("b", Value.FALSE);
        Map<String, Value> otherOrder = new LinkedHashMap<>();
        otherOrder.put("b", Value.FALSE);
        otherOrder.put("a", Value.TRUE);

        assertThat(new Value.Struct(oneOrder)).isEqualTo(new Value.Struct(otherOrder));
        assertThat(new Value.Struct(oneOrder).compareTo(new Value.Struct(otherOrder)))
                .isZero();
    }

    @Test
    void bytesAreEqualByWhatTheyHold() {
        assertThat(new Value.Binary(new byte[] {1, 2})).isEqualTo(new Value.Binary(new byte[] {1, 2}));
        assertThat(new Value.Binary(new byte[] {1, 2})).hasSameHashCodeAs(new Value.Binary(new byte[] {1, 2}));
    }

    @Test
    void orderIsConsistentWithEqualsForRandomValues() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RandomValues values = new RandomValues(random, true);
        for (int i = 0; i < 5_000; i++) {
            Value a = values.value(2);
            Value b = values.value(2);
            assertThat(a.compareTo(b) == 0).as("seed %s: %s and %s", seed, a, b).isEqualTo(a.equals(b));
            assertThat(Integer.signum(a.compareTo(b)))
                    .as("seed %s: %s and %s", seed, a, b)
                    .isEqualTo(-Integer.signum(b.compareTo(a)));
        }
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ContentLimits.ofSize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ContentLimits(1, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ContentLimits(1, 1_001))
                .withMessageContaining("1001");
    }
}
