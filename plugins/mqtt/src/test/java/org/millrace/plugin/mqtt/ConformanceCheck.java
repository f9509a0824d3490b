package org.millrace.plugin.mqtt;

import java.util.ArrayList;
import java.util.List;

/** One test of one normative statement of one version of MQTT. */
record ConformanceCheck(int level, String statement, String sentence, Body body) {
    /** What the test does. */
    @FunctionalInterface
    interface Body {
        void run(Dialect d) throws Exception;
    }

    String name() {
        return "[MQTT-" + statement + "] " + sentence;
    }

    /** Collects the checks of a chapter. */
    static final class Chapter {
        private final List<ConformanceCheck> checks = new ArrayList<>();

        /** A test that holds in both versions. */
        void both(String five, String four, String sentence, Body body) {
            five(five, sentence, body);
            four(four, sentence, body);
        }

        void five(String statement, String sentence, Body body) {
            checks.add(new ConformanceCheck(5, statement, sentence, body));
        }

        void four(String statement, String sentence, Body body) {
            checks.add(new ConformanceCheck(4, statement, sentence, body));
        }

        List<ConformanceCheck> checks() {
            return checks;
        }
    }
}
