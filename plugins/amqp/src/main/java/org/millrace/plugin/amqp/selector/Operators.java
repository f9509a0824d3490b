package org.millrace.plugin.amqp.selector;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the operators do, with SQL's three truth values: null is "unknown". */
final class Operators {
    private Operators() {}

    static @Nullable Boolean and(@Nullable Object a, @Nullable Object b) {
        if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) {
            return false;
        }
        return (a instanceof Boolean && b instanceof Boolean) ? Boolean.TRUE : null;
    }

    static @Nullable Boolean or(@Nullable Object a, @Nullable Object b) {
        if (Boolean.TRUE.equals(a) || Boolean.TRUE.equals(b)) {
            return true;
        }
        return (a instanceof Boolean && b instanceof Boolean) ? Boolean.FALSE : null;
    }

    static @Nullable Boolean not(@Nullable Object a) {
        return a instanceof Boolean value ? (Boolean) !value : null;
    }

    /** Whole numbers as Long, others as Double, what is no simple value as unknown. */
    static @Nullable Object normal(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case String s -> s;
            case Long l -> l;
            case Integer i -> i.longValue();
            case Short s -> s.longValue();
            case Byte b -> b.longValue();
            case Number n -> {
                double d = n.doubleValue();
                yield n instanceof Float || n instanceof Double || d != n.longValue()
                        ? (Object) d
                        : (Object) n.longValue();
            }
            default -> value.toString();
        };
    }

    /** Values of different kinds are not equal, and neither less nor greater. */
    static @Nullable Boolean compare(String operator, @Nullable Object a, @Nullable Object b) {
        if (a == null || b == null) {
            return null;
        }
        if (a instanceof Number x && b instanceof Number y) {
            int order = x instanceof Long && y instanceof Long
                    ? Long.compare(x.longValue(), y.longValue())
                    : Double.compare(x.doubleValue(), y.doubleValue());
            return switch (operator) {
                case "=" -> order == 0;
                case "<>" -> order != 0;
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                default -> order >= 0;
            };
        }
        boolean comparable = a.getClass() == b.getClass();
        return switch (operator) {
            case "=" -> comparable && a.equals(b);
            case "<>" -> comparable && !a.equals(b);
            default -> false;
        };
    }

    static @Nullable Object calculate(String operator, @Nullable Object a, @Nullable Object b) {
        if (!(a instanceof Number x) || !(b instanceof Number y)) {
            return null;
        }
        if (x instanceof Long && y instanceof Long) {
            long l = x.longValue();
            long r = y.longValue();
            return switch (operator) {
                case "+" -> l + r;
                case "-" -> l - r;
                case "*" -> l * r;
                default -> r == 0 ? null : (Object) (l / r);
            };
        }
        double l = x.doubleValue();
        double r = y.doubleValue();
        return switch (operator) {
            case "+" -> l + r;
            case "-" -> l - r;
            case "*" -> l * r;
            default -> l / r;
        };
    }

    /** {@code %} is any text, {@code _} any character. */
    static Pattern likePattern(String like, char escape) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < like.length(); i++) {
            char c = like.charAt(i);
            if (escape != 0 && c == escape && i + 1 < like.length()) {
                regex.append(Pattern.quote(String.valueOf(like.charAt(++i))));
            } else if (c == '%') {
                regex.append(".*");
            } else if (c == '_') {
                regex.append('.');
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }
}
