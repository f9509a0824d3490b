package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class WaitingViewsTest {
    private final Queue<Runnable> gate = new ArrayDeque<>();
    private final List<String> went = new ArrayList<>();
    private final WaitingViews views = new WaitingViews(gate::add);

    private Runnable view(String name) {
        return () -> went.add(name);
    }

    @Test
    void allGoOnWhenTheGateOpensAndItKnowsOfOneTaskUntilThen() {
        for (int i = 0; i < 100; i++) {
            views.add(view("v" + i));
        }
        assertThat(gate).hasSize(1);
        gate.remove().run();
        assertThat(went).hasSize(100);
        assertThat(gate).isEmpty();
    }

    @Test
    void whoClosesIsForgotten() {
        Runnable closed = view("closed");
        views.add(view("open"));
        views.add(closed);
        views.remove(closed);
        gate.remove().run();
        assertThat(went).containsExactly("open");
    }

    @Test
    void whoWaitsAgainWaitsForTheNextOpening() {
        Runnable once = view("once");
        views.add(once);
        gate.remove().run();
        views.add(once);
        assertThat(went).containsExactly("once");
        assertThat(gate).hasSize(1);
        gate.remove().run();
        assertThat(went).containsExactly("once", "once");
    }

    @Test
    void whoComesWhileOthersGoOnIsNotLeftBehind() {
        Runnable late = view("late");
        views.add(() -> {
            went.add("first");
            views.add(late);
        });
        while (!gate.isEmpty()) {
            gate.remove().run();
        }
        assertThat(went).containsExactly("first", "late");
    }

    @Test
    void anOpenGateLetsThroughAtOnce() {
        WaitingViews open = new WaitingViews(Runnable::run);
        open.add(view("a"));
        open.add(view("b"));
        assertThat(went).containsExactly("a", "b");
    }
}
