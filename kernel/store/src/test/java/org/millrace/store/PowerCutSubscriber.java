package org.millrace.store;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;

/** A durable subscriber in the process whose power is cut: reads at its own speed and keeps its place in a record. */
final class PowerCutSubscriber implements AutoCloseable {
    /** How many changes each reads at a time at most: one keeps up, others lag more and more. */
    private static final int[] SPEEDS = {Integer.MAX_VALUE, 180, 140, Integer.MAX_VALUE};
    /** The last one is away for so many turns, and then reads all. */
    private static final int AWAY = 6;

    private final int number;
    private final ChangeReader reader;
    private final AtomicLong saved = new AtomicLong();
    private int turns;

    private PowerCutSubscriber(Journal journal, int number) {
        this.number = number;
        this.reader = journal.read(0);
        journal.retain("subscriber " + number, saved::get);
    }

    static List<PowerCutSubscriber> all(Journal journal) {
        return IntStream.range(0, SPEEDS.length)
                .mapToObj(number -> new PowerCutSubscriber(journal, number))
                .toList();
    }

    /** The record with its place. */
    String record() {
        return "cursor/" + number;
    }

    /** Reads some changes; returns its place behind them. */
    long readOn(RandomGenerator random) {
        turns++;
        if (number < SPEEDS.length - 1 || turns % AWAY == 0) {
            int left = SPEEDS[number] == Integer.MAX_VALUE ? Integer.MAX_VALUE : random.nextInt(SPEEDS[number]);
            while (left > 0 && reader.next() != null) {
                left--;
            }
        }
        return reader.position();
    }

    /** Its place is on disk now; what lies before it is not needed any more. */
    void saved(long place) {
        saved.set(place);
    }

    @Override
    public void close() {
        reader.close();
    }
}
