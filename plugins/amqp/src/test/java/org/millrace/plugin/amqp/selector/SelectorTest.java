package org.millrace.plugin.amqp.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.resource.ResourceException;

class SelectorTest {
    private static final Map<String, Object> MESSAGE = Map.of(
            "color", "red", "weight", 5, "price", 2.5, "big", true, "text", "it's 100%", "JMSPriority", (byte) 4);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "color = 'red'",
                "color <> 'blue' AND weight > 4",
                "weight BETWEEN 5 AND 6",
                "weight NOT BETWEEN 6 AND 7",
                "color IN ('blue', 'red')",
                "color NOT IN ('blue')",
                "color LIKE 'r%' AND color LIKE '_e_' AND color NOT LIKE 'b%'",
                "text LIKE '%\\%' ESCAPE '\\'",
                "text = 'it''s 100%'",
                "missing IS NULL AND color IS NOT NULL",
                "big",
                "NOT (big = FALSE)",
                "weight * 2 + 1 = 11 AND -weight < 0",
                "price = 2.5 AND price > 2 AND price < 25e-1 + 1",
                "JMSPriority >= 4",
                "color = 'blue' OR weight = 5 AND big",
                "missing = 1 OR TRUE",
                "\"color\" = 'red'"
            })
    void isSatisfied(String text) {
        assertThat(Selector.parse(text).matches(MESSAGE::get)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "color = 'blue'",
                "missing = 1",
                "NOT (missing = 1)",
                "missing <> 1",
                "missing NOT IN ('a')",
                "color > 1",
                "color = 5",
                "weight / 0 = 1",
                "weight",
                "big AND missing"
            })
    void isNotSatisfied(String text) {
        assertThat(Selector.parse(text).matches(MESSAGE::get)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "color =",
                "color = 'red",
                "= 1",
                "color LIKE 5",
                "a IN ()",
                "a = 1 b",
                "(a = 1",
                "a # 1",
                "1x = 2",
                "a BETWEEN 1",
                "a NOT 1"
            })
    void isRefusedWithItsPosition(String text) {
        assertThatThrownBy(() -> Selector.parse(text))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("at position");
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> Selector.parse("(".repeat(5000) + "a"))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("nests");
        assertThatThrownBy(() -> Selector.parse("NOT ".repeat(2000) + "a")).isInstanceOf(ResourceException.class);
        assertThatThrownBy(() -> Selector.parse("-".repeat(5000) + "1=1")).isInstanceOf(ResourceException.class);
    }
}
