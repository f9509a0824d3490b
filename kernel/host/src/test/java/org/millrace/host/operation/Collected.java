package org.millrace.host.operation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.millrace.host.control.Operation;

/** An operation's client that gives lines and collects what comes. */
final class Collected implements Operation.Exchange {
    final List<String> progress = new ArrayList<>();
    final List<String> output = new ArrayList<>();
    private final Deque<String> input = new ArrayDeque<>();

    Collected(String... input) {
        this.input.addAll(List.of(input));
    }

    Collected(List<String> input) {
        this.input.addAll(input);
    }

    @Override
    public void progress(String line) {
        progress.add(line);
    }

    @Override
    public void output(byte[] line) {
        output.add(new String(line, StandardCharsets.UTF_8));
    }

    @Override
    public byte[] input() {
        String line = input.poll();
        return line == null ? null : line.getBytes(StandardCharsets.UTF_8);
    }
}
