package org.millrace.host.table;

import com.networknt.schema.SchemaException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A regular expression of a schema that gives up where it would take too long. Records are checked on event loops and by
 * the writer, and some expressions need more time than there is for a text that hardly fits them. Immutable, safe for use
 * by any thread.
 */
final class BoundedPattern implements RegularExpression {
    /** How often characters of a text are looked at, however short it is: some ten milliseconds. */
    private static final long FEWEST_LOOKS = 1_000_000;

    /** How often each character of a long text may be looked at. */
    private static final long LOOKS_PER_CHARACTER = 20;

    private final String source;
    private final Pattern pattern;

    /**
     * Reads an expression as JSON Schema means it: {@code $} is the very end.
     *
     * @throws SchemaException if it is none
     */
    BoundedPattern(String source) {
        this.source = source;
        try {
            this.pattern = Pattern.compile(RegularExpressions.replaceLongformCharacterProperties(
                    RegularExpressions.replaceDollarAnchors(source)));
        } catch (PatternSyntaxException e) {
            throw new SchemaException("'" + source + "' is no regular expression: " + e.getDescription()
                    + " near character " + e.getIndex());
        }
    }

    /**
     * Looks for the expression in a text.
     *
     * @throws ResourceException {@link ErrorCode#TOO_LARGE} if that takes too long, or more memory than a thread has
     */
    @Override
    public boolean matches(String text) {
        try {
            return pattern.matcher(new Counted(text)).find();
        } catch (StackOverflowError e) {
            // The matcher recurses for each repetition of a group. It is gone with what it held.
            throw given(up(text) + " repeats a group too often", e);
        } catch (TooManyLooks e) {
            throw given(up(text) + " takes too many steps", e);
        }
    }

    private String up(String text) {
        return "the schema's pattern '" + source + "', held against a text of " + text.length() + " characters,";
    }

    private static ResourceException given(String up, Throwable cause) {
        return new ResourceException(
                ErrorCode.TOO_LARGE,
                up + "; shorten the text, or simplify the pattern (no repetition within another)",
                cause);
    }

    /** Thrown out of the matcher, which knows no other way to stop. */
    private static final class TooManyLooks extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyLooks() {
            super("too many looks", null, false, false);
        }
    }

    /** A text that counts how often its characters are looked at. */
    private static final class Counted implements CharSequence {
        private final String text;
        private long left;

        Counted(String text) {
            this.text = text;
            this.left = Math.max(FEWEST_LOOKS, text.length() * LOOKS_PER_CHARACTER);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new TooManyLooks();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
