package org.millrace.testkit;

import java.io.Writer;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Gives on the first line that is written, which a host prints when it serves, and drops the rest. */
final class FirstLine extends Writer {
    private final CompletableFuture<String> line;
    private final StringBuilder text = new StringBuilder();

    FirstLine(CompletableFuture<String> line) {
        this.line = line;
    }

    @Override
    public void write(char[] chars, int from, int length) {
        if (line.isDone()) {
            return;
        }
        text.append(chars, from, length);
        int end = text.indexOf("\n");
        if (end >= 0) {
            line.complete(text.substring(0, end).strip());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    /** Reads a ready line: {@code ready http=127.0.0.1:8080 mqtt=127.0.0.1:1883 in 500 ms}. */
    static Map<String, InetSocketAddress> listeners(String ready) {
        Map<String, InetSocketAddress> listeners = new LinkedHashMap<>();
        for (String word : ready.split(" ")) {
            int equals = word.indexOf('=');
            int colon = word.lastIndexOf(':');
            if (equals > 0 && colon > equals) {
                String address =
                        word.substring(equals + 1, colon).replace("[", "").replace("]", "");
                listeners.put(
                        word.substring(0, equals),
                        new InetSocketAddress(address, Integer.parseInt(word.substring(colon + 1))));
            }
        }
        return listeners;
    }
}
