package org.millrace.plugin.amqp.rules;

import java.util.ArrayList;
import java.util.List;

/** Collects the rules. */
final class Rules {
    private final List<Rule> all = new ArrayList<>();

    void add(String topic, String says, Rule.Body body) {
        all.add(new Rule(topic, false, says, body));
    }

    /** A rule that is tried with a server of tight limits. */
    void addStrict(String topic, String says, Rule.Body body) {
        all.add(new Rule(topic, true, says, body));
    }

    /** All rules there are. */
    static List<Rule> all() {
        Rules rules = new Rules();
        ConnectionRules.add(rules);
        LinkRules.add(rules);
        RecoveryRules.add(rules);
        AddressRules.add(rules);
        CreditRules.add(rules);
        TransferRules.add(rules);
        ContentRules.add(rules);
        OutcomeRules.add(rules);
        TransactionRules.add(rules);
        return rules.all;
    }
}
