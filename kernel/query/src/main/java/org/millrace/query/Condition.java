package org.millrace.query;

import java.util.List;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;

/** What a record must fulfil. */
public sealed interface Condition {
    /** Holds for every record. */
    Condition ALWAYS = new And(List.of());

    /**
     * Whether a record fulfils this.
     *
     * @param record its attributes
     * @return true if it does
     */
    boolean test(Attributes record);

    /**
     * All of several.
     *
     * @param parts may be empty, which always holds
     */
    record And(List<Condition> parts) implements Condition {
        /** Copies the list. */
        public And {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean test(Attributes record) {
            for (Condition part : parts) {
                if (!part.test(record)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * One of several.
     *
     * @param parts at least one
     */
    record Or(List<Condition> parts) implements Condition {
        /** Copies the list. */
        public Or {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean test(Attributes record) {
            for (Condition part : parts) {
                if (part.test(record)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * An attribute compared with a literal. Values are compared within one type only: a number is neither less nor
     * greater than a string.
     *
     * @param attribute which attribute
     * @param comparison how
     * @param literal with what
     */
    record Compare(AttributePath attribute, Comparison comparison, Literal literal) implements Condition {
        @Override
        public boolean test(Attributes record) {
            return record.fulfil(this);
        }

        /** Whether this holds for a value. */
        boolean holds(Value value) {
            return switch (comparison) {
                case EQUAL -> equal(value);
                case STRICTLY_EQUAL -> value.equals(literal.value());
                case NOT_EQUAL -> !equal(value);
                case LESS -> comparable(value) && order(value) < 0;
                case LESS_OR_EQUAL -> comparable(value) && order(value) <= 0;
                case GREATER -> comparable(value) && order(value) > 0;
                case GREATER_OR_EQUAL -> comparable(value) && order(value) >= 0;
                case CONTAINS -> contains(value);
                case STARTS_WITH -> value instanceof Value.Text t && t.value().startsWith(literal.text());
                case ENDS_WITH -> value instanceof Value.Text t && t.value().endsWith(literal.text());
            };
        }

        private boolean equal(Value value) {
            if (value instanceof Value.Missing) {
                return !literal.typed() && literal.value() instanceof Value.Null;
            }
            return value.equals(literal.value())
                    || (!literal.typed()
                            && value instanceof Value.Text t
                            && t.value().equals(literal.text()));
        }

        private int order(Value value) {
            return value.compareTo(literal.value());
        }

        private boolean comparable(Value value) {
            return isNumber(value)
                    ? isNumber(literal.value())
                    : value.getClass() == literal.value().getClass();
        }

        private boolean contains(Value value) {
            return switch (value) {
                case Value.Text t -> t.value().contains(literal.text());
                case Value.Array a -> a.items().stream().anyMatch(this::equal);
                case Value.Missing _,
                        Value.Null _,
                        Value.Bool _,
                        Value.Whole _,
                        Value.Real _,
                        Value.Exact _,
                        Value.Binary _,
                        Value.Struct _ -> false;
            };
        }

        private static boolean isNumber(Value value) {
            return value instanceof Value.Whole || value instanceof Value.Real || value instanceof Value.Exact;
        }
    }
}
