package org.millrace.plugin.http.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.http.exchange.BodyMemory;

class ItemCutterTest {
    private final BodyMemory memory = new BodyMemory(0, () -> {});

    private static final class Items implements ItemCutter.Sink {
        final List<String> all = new ArrayList<>();

        @Override
        public void item(long position, byte[] item) {
            all.add(position + ":" + new String(item, StandardCharsets.UTF_8));
        }

        @Override
        public void tooLong(long position) {
            all.add(position + " is too long");
        }
    }

    private static void feed(ItemCutter cutter, String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; ) {
            int n = Math.min(bytes.length - at, 1 + random.nextInt(5));
            cutter.take(ByteBuffer.wrap(bytes, at, n));
            at += n;
        }
        cutter.end();
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth > 3 ? 4 : 6)) {
            case 0 -> Integer.toString(random.nextInt());
            case 1 -> "\"" + List.of("]", "}", "\\\"", "\\\\", ",", "é", "[{").get(random.nextInt(7)) + "\"";
            case 2 -> "true";
            case 3 -> random.nextBoolean() ? "{}" : "[]";
            case 4 -> "[" + value(random, depth + 1) + " , " + value(random, depth + 1) + "]";
            default -> "{\"k\": " + value(random, depth + 1) + "}";
        };
    }

    @Test
    void elementsAreCutWhereverTheBodyIsParted() {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            List<String> expected = new ArrayList<>();
            StringBuilder array = new StringBuilder("\r\n[");
            for (int i = random.nextInt(6); i > 0; i--) {
                String value = value(random, 0);
                expected.add(expected.size() + 1 + ":" + value);
                array.append(expected.size() == 1 ? "" : ",")
                        .append(" ".repeat(random.nextInt(3)))
                        .append(value)
                        .append("\n".repeat(random.nextInt(3)));
            }
            Items items = new Items();

            feed(
                    new ArrayCutter(items, 10_000, memory.share()),
                    array.append("]\n").toString(),
                    random);

            assertThat(items.all).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void linesAreCountedWithTheBlankOnes() {
        Items items = new Items();

        feed(new LineCutter(items, 5, memory.share()), "a\n\n \r\n{\"x\"\r\n123456\n12345", new Random(1));

        assertThat(items.all).containsExactly("1:a", "4:{\"x\"\r", "5 is too long", "6:12345");
    }

    @Test
    void tooLongAnElementIsPassedOver() {
        Items items = new Items();

        feed(new ArrayCutter(items, 5, memory.share()), "[1,\"1234567]\",[1,2,3],\"12\",1234567]", new Random(1));

        assertThat(items.all).containsExactly("1:1", "2 is too long", "3 is too long", "4:\"12\"", "5 is too long");
    }
}
