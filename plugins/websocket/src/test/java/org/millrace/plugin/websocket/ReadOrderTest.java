package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadOrderTest {
    private final ReadOrder order = new ReadOrder();
    private final List<String> read = new ArrayList<>();

    @Test
    void aReadWaitsForAllWritesBeforeItAndForNoneBehindIt() {
        long first = order.writeBegins();
        long second = order.writeBegins();
        order.whenWritten(() -> read.add("behind two"));
        long third = order.writeBegins();
        order.whenWritten(() -> read.add("behind three"));

        order.writeEnds(first);
        assertThat(read).isEmpty();
        order.writeEnds(second);
        assertThat(read).containsExactly("behind two");
        assertThat(order.isWriting()).isTrue();
        order.writeEnds(third);
        assertThat(read).containsExactly("behind two", "behind three");
        assertThat(order.isWriting()).isFalse();
    }

    @Test
    void writesMayBeDoneInAnotherOrder() {
        long first = order.writeBegins();
        long second = order.writeBegins();
        order.whenWritten(() -> read.add("behind two"));
        long third = order.writeBegins();

        order.writeEnds(third);
        order.writeEnds(second);
        assertThat(read).isEmpty();
        order.writeEnds(first);
        assertThat(read).containsExactly("behind two");
        assertThat(order.isWriting()).isFalse();
    }

    @Test
    void nothingIsReadForAClientThatHasGone() {
        long write = order.writeBegins();
        order.whenWritten(() -> read.add("in vain"));

        order.drop();
        order.writeEnds(write);

        assertThat(read).isEmpty();
    }
}
