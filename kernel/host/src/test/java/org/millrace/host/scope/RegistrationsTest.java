package org.millrace.host.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.plugin.Registration;

class RegistrationsTest {
    private final List<String> undone = new ArrayList<>();
    private final Registrations registrations = new Registrations("test");

    private Registration register(String name) {
        return registrations.register(() -> () -> undone.add(name));
    }

    @Test
    void closingUndoesTheNewestFirst() {
        register("one");
        register("two");

        registrations.close();

        assertThat(undone).containsExactly("two", "one");
    }

    @Test
    void whatWasUndoneEarlierIsNotUndoneAgain() {
        Registration one = register("one");
        one.close();
        one.close();

        registrations.close();

        assertThat(undone).containsExactly("one");
    }

    @Test
    void oneFailureDoesNotKeepTheRest() {
        register("one");
        registrations.register(() -> () -> {
            throw new IllegalStateException("stuck");
        });

        registrations.close();

        assertThat(undone).containsExactly("one");
    }

    @Test
    void aStoppedPluginCanRegisterNothing() {
        registrations.close();

        assertThatIllegalStateException().isThrownBy(() -> register("late")).withMessageContaining("plugin test");
        assertThat(undone).isEmpty();
    }

    @Test
    void whatIsOpenedWhileThePluginStopsIsUndone() {
        assertThatIllegalStateException()
                .isThrownBy(() -> registrations.register(() -> {
                    registrations.close();
                    return () -> undone.add("race");
                }));
        assertThat(undone).containsExactly("race");
    }
}
