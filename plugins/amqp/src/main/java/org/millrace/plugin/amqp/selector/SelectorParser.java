package org.millrace.plugin.amqp.selector;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a selector by recursive descent, one method a level of precedence. */
final class SelectorParser {
    private static final int MAX_DEPTH = 100;

    private final Lexer lexer;
    private Token token;
    private int depth;

    SelectorParser(String text) {
        lexer = new Lexer(text);
        token = lexer.next();
    }

    Expression parse() {
        Expression all = or();
        if (token.kind() != Token.Kind.END) {
            throw unexpected();
        }
        return all;
    }

    private RuntimeException unexpected() {
        return lexer.error(
                token.at(),
                token.kind() == Token.Kind.END ? "it ends too soon" : "'" + token.text() + "' is unexpected");
    }

    private boolean take(String expected) {
        if (token.is(expected)) {
            token = lexer.next();
            return true;
        }
        return false;
    }

    private void expect(String expected) {
        if (!take(expected)) {
            throw unexpected();
        }
    }

    private Expression or() {
        if (++depth > MAX_DEPTH) {
            throw lexer.error(token.at(), "it nests deeper than " + MAX_DEPTH);
        }
        Expression left = and();
        while (take("OR")) {
            Expression l = left;
            Expression r = and();
            left = message -> Operators.or(l.evaluate(message), r.evaluate(message));
        }
        depth--;
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (take("AND")) {
            Expression l = left;
            Expression r = not();
            left = message -> Operators.and(l.evaluate(message), r.evaluate(message));
        }
        return left;
    }

    private Expression not() {
        if (!token.is("NOT")) {
            return comparison();
        }
        if (++depth > MAX_DEPTH) {
            throw lexer.error(token.at(), "it nests deeper than " + MAX_DEPTH);
        }
        expect("NOT");
        Expression inner = not();
        depth--;
        return message -> Operators.not(inner.evaluate(message));
    }

    private Expression comparison() {
        Expression left = sum();
        String operator = token.text();
        if (token.kind() == Token.Kind.OPERATOR
                && Set.of("=", "<>", "<", "<=", ">", ">=").contains(operator)) {
            token = lexer.next();
            Expression right = sum();
            return message -> Operators.compare(operator, left.evaluate(message), right.evaluate(message));
        }
        if (take("IS")) {
            boolean negated = take("NOT");
            expect("NULL");
            return message -> (left.evaluate(message) == null) != negated;
        }
        boolean negated = take("NOT");
        Expression condition;
        if (take("BETWEEN")) {
            condition = between(left);
        } else if (take("IN")) {
            condition = in(left);
        } else if (take("LIKE")) {
            condition = like(left);
        } else if (negated) {
            throw unexpected();
        } else {
            return left;
        }
        return negated ? message -> Operators.not(condition.evaluate(message)) : condition;
    }

    private Expression between(Expression value) {
        Expression low = sum();
        expect("AND");
        Expression high = sum();
        return message -> {
            Object v = value.evaluate(message);
            return Operators.and(
                    Operators.compare(">=", v, low.evaluate(message)),
                    Operators.compare("<=", v, high.evaluate(message)));
        };
    }

    private Expression in(Expression value) {
        expect("(");
        Set<String> items = new HashSet<>();
        do {
            items.add(string());
        } while (take(","));
        expect(")");
        return message -> {
            Object v = value.evaluate(message);
            return v == null ? null : v instanceof String text && items.contains(text);
        };
    }

    private Expression like(Expression value) {
        String pattern = string();
        char escape = 0;
        if (take("ESCAPE")) {
            String text = string();
            if (text.length() != 1) {
                throw lexer.error(token.at(), "ESCAPE needs one character");
            }
            escape = text.charAt(0);
        }
        Pattern compiled = Operators.likePattern(pattern, escape);
        return message -> {
            Object v = value.evaluate(message);
            return v == null
                    ? null
                    : v instanceof String text && compiled.matcher(text).matches();
        };
    }

    private String string() {
        if (token.kind() != Token.Kind.STRING) {
            throw unexpected();
        }
        String text = token.text();
        token = lexer.next();
        return text;
    }

    private Expression sum() {
        Expression left = product();
        while (token.is("+") || token.is("-")) {
            String operator = token.text();
            token = lexer.next();
            Expression l = left;
            Expression r = product();
            left = message -> Operators.calculate(operator, l.evaluate(message), r.evaluate(message));
        }
        return left;
    }

    private Expression product() {
        Expression left = factor();
        while (token.is("*") || token.is("/")) {
            String operator = token.text();
            token = lexer.next();
            Expression l = left;
            Expression r = factor();
            left = message -> Operators.calculate(operator, l.evaluate(message), r.evaluate(message));
        }
        return left;
    }

    private Expression factor() {
        if (token.is("+") || token.is("-")) {
            if (++depth > MAX_DEPTH) {
                throw lexer.error(token.at(), "it nests deeper than " + MAX_DEPTH);
            }
            boolean negative = token.is("-");
            token = lexer.next();
            Expression inner = factor();
            depth--;
            return negative ? message -> Operators.calculate("-", 0L, inner.evaluate(message)) : inner;
        }
        if (take("(")) {
            Expression inner = or();
            expect(")");
            return inner;
        }
        if (take("TRUE")) {
            return _ -> true;
        }
        if (take("FALSE")) {
            return _ -> false;
        }
        Token value = token;
        Expression expression = switch (value.kind()) {
            case STRING -> _ -> value.text();
            case NUMBER -> {
                Object number = number(value);
                yield _ -> number;
            }
            case NAME -> message -> Operators.normal(message.get(value.text()));
            case WORD, OPERATOR, END -> throw unexpected();
        };
        token = lexer.next();
        return expression;
    }

    private Object number(Token value) {
        String text = value.text();
        try {
            boolean decimal = text.indexOf('.') >= 0
                    || (text.indexOf('e') >= 0 && !text.startsWith("0x"))
                    || (text.indexOf('E') >= 0 && !text.startsWith("0x"));
            if (decimal || text.endsWith("d") || text.endsWith("D") || text.endsWith("f") || text.endsWith("F")) {
                return text.startsWith("0x") ? (Object) Long.decode(text) : (Object) Double.valueOf(text);
            }
            String digits = text.endsWith("L") || text.endsWith("l") ? text.substring(0, text.length() - 1) : text;
            return Long.decode(digits);
        } catch (NumberFormatException e) {
            throw lexer.error(value.at(), "'" + text + "' is no number");
        }
    }
}
