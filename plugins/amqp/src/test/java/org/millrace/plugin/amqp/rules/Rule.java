package org.millrace.plugin.amqp.rules;

/**
 * One rule and the script that shows it.
 *
 * @param topic what it is about
 * @param strict whether the server is one with tight limits
 * @param says what the server does, as a sentence; the test's name
 * @param body the script
 */
record Rule(String topic, boolean strict, String says, Body body) {
    /** A script, with a server and addresses of its own. */
    @FunctionalInterface
    interface Body {
        void run(RuleServer server) throws Exception;
    }
}
