package org.millrace.plugin.amqp.selector;

/**
 * A word of a selector.
 *
 * @param kind what it is
 * @param text the name, the operator, the key word in upper case, or the literal's content
 * @param at where it begins, from 0
 */
record Token(Kind kind, String text, int at) {
    enum Kind {
        NAME,
        WORD,
        NUMBER,
        STRING,
        OPERATOR,
        END
    }

    boolean is(String operatorOrWord) {
        return (kind == Kind.WORD || kind == Kind.OPERATOR) && text.equals(operatorOrWord);
    }
}
